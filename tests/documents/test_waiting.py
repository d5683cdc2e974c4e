"""For whom a document waits is said in a sentence."""

from __future__ import annotations

import pytest

from eoffice.documents import waiting
from eoffice.documents.states import State


def test_the_person_whose_turn_it_is_is_named_with_the_title() -> None:
    said = waiting.sentence(
        State.AWAITING_SIGNATURE, ("Giám đốc Trần Thanh Liêm",), "08:15 hôm nay"
    )
    assert said == "Đang chờ Giám đốc Trần Thanh Liêm ký, từ 08:15 hôm nay."


def test_two_are_both_named_and_of_many_only_the_first() -> None:
    two = waiting.sentence(State.CHECKING, ("Văn thư A", "Văn thư B"), "hôm qua 16:40")
    many = waiting.sentence(State.CHECKING, ("A", "B", "C"), "13/08/2018")
    assert two == "Đang chờ Văn thư A hoặc Văn thư B kiểm tra thể thức, từ hôm qua 16:40."
    assert many == "Đang chờ A và 2 người khác kiểm tra thể thức, từ 13/08/2018."


def test_where_nobody_holds_the_position_the_sentence_still_stands() -> None:
    said = waiting.sentence(State.SUBMITTED, (), "12/8 lúc 08:00")
    assert said == "Đang chờ người có trách nhiệm duyệt nội dung, từ 12/8 lúc 08:00."


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_sentence_and_its_tone(state: State) -> None:
    assert waiting.sentence(state, ("A",), "08:00 hôm nay").endswith(" 08:00 hôm nay.")
    assert waiting.TONES[state]


def test_what_is_over_waits_for_nobody() -> None:
    assert waiting.sentence(State.ISSUED, (), "13/08/2018") == "Đã phát hành 13/08/2018."


def test_those_who_are_asked_at_once_are_all_named_with_what_is_asked() -> None:
    one = waiting.in_flow([("duyệt nội dung", ("Trưởng phòng A",))], "08:15 hôm nay")
    three = waiting.in_flow(
        [
            ("duyệt nội dung", ("Trưởng phòng A", "Phó phòng B")),
            ("cho ý kiến", ("C", "D", "E")),
            ("ký nháy nội dung", ()),
        ],
        "hôm qua 16:40",
    )
    assert one == "Đang chờ Trưởng phòng A duyệt nội dung, từ 08:15 hôm nay."
    assert three == (
        "Đang chờ Trưởng phòng A hoặc Phó phòng B duyệt nội dung, C và 2 người khác cho ý kiến "
        "và người có trách nhiệm ký nháy nội dung, từ hôm qua 16:40."
    )
