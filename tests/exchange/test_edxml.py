"""Messages of QCVN 102:2016/BTTTT are read leniently, written strictly, and lose nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.exchange import edxml, safe_xml, writing
from eoffice.exchange.edxml import MessageUnreadable
from eoffice.exchange.message import BusinessType, DocumentMessage, StatusMessage
from tests.exchange import messages

STATUSES = [each for each in messages.SAMPLES if each.name.startswith("status")]
DOCUMENTS = [each for each in messages.SAMPLES if each not in STATUSES]


def named(sample: Path) -> str:
    return sample.stem


def test_all_twelve_samples_are_there() -> None:
    assert len(DOCUMENTS) == 4
    assert len(STATUSES) == 8


@pytest.mark.parametrize("sample", messages.SAMPLES, ids=named)
def test_each_sample_parses_and_comes_back_the_same(sample: Path) -> None:
    first = edxml.parse(sample.read_bytes())

    again = edxml.parse(edxml.build(first.message))

    assert again.message == first.message
    assert again.damage is None


def _normal(content: bytes) -> str:
    """Canonical XML without what a message does not mean: prefixes, blanks, order of siblings."""
    root = ElementTree.fromstring(content)  # noqa: S314 — our own samples
    for element in root.iter():
        element[:] = sorted(element, key=lambda child: child.tag)
    return ElementTree.canonicalize(
        ElementTree.tostring(root, encoding="unicode"), strip_text=True, rewrite_prefixes=True
    )


@pytest.mark.parametrize("sample", STATUSES, ids=named)
def test_a_sound_sample_comes_back_as_the_same_canonical_xml(sample: Path) -> None:
    """Deliberate differences: prefixes, blanks between elements, the order of siblings."""
    content = sample.read_bytes()

    assert _normal(edxml.build(edxml.parse(content).message)) == _normal(content)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("status", "01"),
        ("status_rejection_02", "02"),
        ("status_acceptance_03", "03"),
        ("status_assignment_04", "04"),
        ("status_processing_05", "05"),
        ("status_finish_06", "06"),
        ("status_cancellation_13", "13"),
        ("status_change-acceptance_15", "15"),
    ],
)
def test_the_samples_tell_their_status(name: str, code: str) -> None:
    message = edxml.parse((messages.CORPUS / f"{name}.edxml").read_bytes()).message

    assert isinstance(message, StatusMessage)
    assert message.status == code
    assert message.response_for.code == "7816/VPCP-TTĐT"


def test_damage_is_said_and_what_follows_it_is_read_all_the_same() -> None:
    """A certificate that is never closed hides neither the manifest nor the attachment."""
    read = edxml.parse((messages.CORPUS / "edoc.edxml").read_bytes())

    assert read.damage is not None
    assert read.is_signed
    assert isinstance(read.message, DocumentMessage)
    assert [each.description for each in read.message.references] == ["Description 1"]
    assert read.message.attachments[0].name == "GUIDE_INSTALL OPENVPN.SIGNED.PDF"
    assert read.message.responses == ()


def test_replacement_and_update_are_read_with_their_lists() -> None:
    replacing = edxml.parse((messages.CORPUS / "edoc_replacement.edxml").read_bytes()).message
    updating = edxml.parse((messages.CORPUS / "edoc_update.edxml").read_bytes()).message

    assert isinstance(replacing, DocumentMessage)
    assert isinstance(updating, DocumentMessage)
    assert replacing.business is not None
    assert replacing.business.type is BusinessType.REPLACE
    assert [each.organ_ids for each in replacing.business.replacements] == [
        ("000.00.00.H41", "000.00.00.H14")
    ] * 2
    assert updating.business is not None
    assert updating.business.update is not None
    assert [(each.organ_id, each.is_added) for each in updating.business.update.receivers] == [
        ("000.00.00.H41", False),
        ("000.00.00.H14", True),
    ]


def test_every_field_of_the_regulation_survives() -> None:
    assert edxml.parse(edxml.build(messages.full())).message == messages.full()
    assert edxml.parse(edxml.build(messages.status())).message == messages.status()


def test_every_element_below_the_root_is_written_with_its_prefix_and_the_old_spelling() -> None:
    written = edxml.build(messages.full()).decode()

    assert "<edXML:Bussiness>" in written
    assert "<edXML:BussinessDocType>2<" in written
    assert "Business>" not in written.replace("Bussiness", "")
    opened = written.replace("<?xml", "").split("<edXML ", 1)[1].split(">", 1)[1]
    assert all(part.startswith(("edXML:", "/edXML:", "/edXML>")) for part in opened.split("<")[1:])


def test_the_right_spelling_is_read_as_well() -> None:
    written = edxml.build(messages.full()).replace(b"Bussiness", b"Business")

    assert edxml.parse(written).message == messages.full()


def test_prefixes_order_and_hyphens_do_not_matter_for_reading() -> None:
    written = edxml.build(messages.full()).decode().replace("edXML:", "")
    subject = written[written.index("<Subject>") : written.index("</Subject>") + 10]
    moved = written.replace(subject, "").replace("<From>", f"{subject}<From>", 1)

    read = edxml.parse(moved.replace("2018/08/24", "2018-08-24").encode())

    assert read.message == messages.full()


def test_both_kinds_of_organisation_identifiers_are_kept_as_they_are() -> None:
    message = edxml.parse(edxml.build(messages.full())).message

    assert isinstance(message, DocumentMessage)
    assert message.sender.organ_id == "000.00.19.H20"
    assert message.recipients[0].organ_id == "H41.19"


@given(messages.documents)
@settings(max_examples=60, deadline=None)
def test_any_document_message_comes_back(message: DocumentMessage) -> None:
    assert edxml.parse(edxml.build(message)).message == message


@given(messages.statuses)
@settings(max_examples=40, deadline=None)
def test_any_status_message_comes_back(message: StatusMessage) -> None:
    assert edxml.parse(edxml.build(message)).message == message


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_cut_or_changed_is_read_or_refused_with_its_place(data: st.DataObject) -> None:
    """Never anything but a message or the one refusal."""
    content = bytearray(edxml.build(messages.full()))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    try:
        read = edxml.parse(bytes(content))
    except MessageUnreadable as refused:
        found = f"{refused.place}{refused.why}"
        assert found
    else:
        assert read.message.sender.organ_id


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        edxml.parse(content)


BOMB = """<?xml version="1.0"?><!DOCTYPE edXML [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<edXML><x>&b;</x></edXML>"""
STRANGER = """<!DOCTYPE edXML [<!ENTITY f SYSTEM "file:///etc/passwd">]><edXML>&f;</edXML>"""


@pytest.mark.parametrize(
    "content",
    [
        BOMB.encode(),
        STRANGER.encode(),
        BOMB.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?><edXML/>',
        b"<edXML>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</edXML>",
        b"<edXML>" + b"<a/>" * (safe_xml.MOST_ELEMENTS + 1) + b"</edXML>",
        b"<edXML>\0</edXML>",
        b"<edXML/>",
        b"<other/>",
        b"",
        b"1212",
    ],
    ids=[
        "entities",
        "a file of the machine",
        "hidden in utf-16",
        "utf-7",
        "too deep",
        "too many",
        "null",
        "empty",
        "another root",
        "nothing",
        "only rubbish",
    ],
)
def test_hostile_xml_is_refused(content: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        edxml.parse(content)


def test_a_message_that_is_too_large_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(MessageUnreadable, match="lớn hơn"):
        edxml.parse(b" " * (safe_xml.LARGEST_BYTES + 1))


def _changed(old: str, new: str, message: DocumentMessage | StatusMessage | None = None) -> bytes:
    written = edxml.build(message or messages.full()).decode()
    assert old in written
    return written.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (_changed("2018/08/24", "hôm nay"), "MessageHeader/DueDate"),
        (_changed("2018/08/24", "2018/02/30"), "MessageHeader/DueDate"),
        (_changed("PageAmount>2<", "PageAmount>hai<"), "OtherInfo/PageAmount"),
        (_changed("DocType>2<", "DocType>7<"), "TraceHeaderList/Bussiness/BussinessDocType"),
        (_changed("Paper>1<", "Paper>có<"), "TraceHeaderList/Bussiness/Paper"),
        (_changed("OrganId>000.00.19.H20<", "OrganId><"), "MessageHeader/From/OrganId"),
        (
            _changed("<edXML:Subject>", "<edXML:Subject>x</edXML:Subject><edXML:Subject>"),
            "MessageHeader/Subject",
        ),
        (_changed("<edXML:Subject>", "<edXML:Subject><b/>"), "MessageHeader/Subject"),
        (_changed("V/v thực hiện", "x" * 30_000), "MessageHeader/Subject"),
        (_changed("Code>03<", "Code>ba<", messages.status()), "MessageHeader/StatusCode"),
        (_changed("08:15:00", "25:99", messages.status()), "MessageHeader/Timestamp"),
    ],
)
def test_a_wrong_value_is_refused_with_the_path_of_its_element(content: bytes, place: str) -> None:
    with pytest.raises(MessageUnreadable) as refused:
        edxml.parse(content)

    assert refused.value.place.endswith(place)


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\ufffe"])
def test_what_xml_cannot_carry_is_refused_in_writing(letter: str) -> None:
    with pytest.raises(writing.MessageUnwritable):
        edxml.build(replace(messages.full(), subject=f"một{letter}hai"))


def test_years_are_written_with_four_digits() -> None:
    message = replace(messages.full(), due_on=date(945, 9, 2))

    assert edxml.parse(edxml.build(message)).message == message
