"""Deadlines, arrival numbers and who may do what with an incoming document, as plain values.

A "day" is a civil date in Vietnam; callers convert instants with `clock.civil_date`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.documents.form.text import SUBJECT_LENGTH
from eoffice.documents.types import Secrecy
from eoffice.errors import Invalid, NotAllowed
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import Calendar
from eoffice.routing.states import DeliveryState

#: Longest reason, instruction or work log entry, in characters.
LONGEST_TEXT: Final = 2000
_FOR_INFORMATION: Final = "information"
_READERS: Final = frozenset(
    {
        PositionKind.CLERK,
        PositionKind.HEAD,
        PositionKind.DEPUTY_HEAD,
        PositionKind.OFFICE_HEAD,
        PositionKind.OFFICE_DEPUTY,
    }
)


class Role(StrEnum):
    """What somebody has to do with an incoming document."""

    #: chủ trì
    LEAD = "lead"
    #: phối hợp
    COOPERATING = "cooperating"
    #: để biết
    FOR_INFORMATION = "for_information"


class Standing(StrEnum):
    """How far one recipient is, as the sender filters and counts; lateness included."""

    DELIVERED = "delivered"
    OPENED = "opened"
    REGISTERED = "registered"
    IN_WORK = "in_work"
    DONE = "done"
    REFUSED = "refused"
    RECALLED = "recalled"
    LATE = "late"


class ArrivalBookKind(StrEnum):
    """Which books of incoming documents there are."""

    #: sổ đăng ký văn bản đến
    INCOMING = "incoming"
    #: sổ đăng ký văn bản mật đến: what is secret has arrival numbers of its own
    SECRET = "secret"  # noqa: S105 — a kind of book, not a password


ARRIVAL_BOOK_TITLES: Final[dict[ArrivalBookKind, str]] = {
    ArrivalBookKind.INCOMING: "Sổ đăng ký văn bản đến",
    ArrivalBookKind.SECRET: "Sổ đăng ký văn bản mật đến",
}


class BookNotYours(NotAllowed):
    """This book is read by people in other positions."""


class SecretStays(NotAllowed):
    """What is secret is not sent from system to system."""


#: What is secret is read in its book by those who answer for it.
_READ_SECRETS: Final = frozenset({PositionKind.CLERK, PositionKind.HEAD, PositionKind.DEPUTY_HEAD})


def arrival_book_of(secrecy: Secrecy) -> ArrivalBookKind:
    """The book in which a document gets its arrival number."""
    return ArrivalBookKind.INCOMING if secrecy is Secrecy.NONE else ArrivalBookKind.SECRET


def require_reader(kind: ArrivalBookKind, position: str) -> None:
    """Raises BookNotYours."""
    if not reads_arrival_book(kind, position):
        raise BookNotYours("Sổ đăng ký văn bản mật đến dành cho văn thư và lãnh đạo cơ quan.")


def reads_arrival_book(kind: ArrivalBookKind, position: str) -> bool:
    """Whether somebody who reads the incoming book reads this one of them."""
    return kind is ArrivalBookKind.INCOMING or position in _READ_SECRETS


@dataclass(frozen=True, slots=True)
class Assignee:
    """A unit of the agency, or one person in it, with what it has to do."""

    role: Role
    unit_id: UUID
    #: None: the unit decides who.
    person_id: UUID | None = None


class NoticeKind(StrEnum):
    """What somebody is told of without having asked."""

    #: một nơi nhận từ chối tiếp nhận
    REFUSED = "refused"
    #: một nơi nhận đã trả lời bằng văn bản
    ANSWERED = "answered"
    #: văn bản của cơ quan gửi đích danh
    ADDRESSED = "addressed"
    #: nơi gửi đã thu hồi văn bản
    RECALLED = "recalled"
    #: một nơi nhận đồng ý trả lại văn bản bị thu hồi
    RECALL_AGREED = "recall_agreed"
    #: một nơi nhận từ chối trả lại
    RECALL_REFUSED = "recall_refused"
    #: nơi gửi ngoài hệ thống đã cập nhật hoặc thay thế văn bản
    CHANGED = "changed"
    #: một cơ quan ngoài hệ thống từ chối tiếp nhận
    OUTSIDE_REFUSED = "outside_refused"
    #: một cơ quan ngoài hệ thống trả lời đề nghị lấy lại, cập nhật
    OUTSIDE_ANSWERED = "outside_answered"


ROLE_NAMES: Final = {
    Role.LEAD: "Chủ trì",
    Role.COOPERATING: "Phối hợp",
    Role.FOR_INFORMATION: "Để biết",
}

STANDING_NAMES: Final = {
    Standing.DELIVERED: "Đã gửi",
    Standing.OPENED: "Đã mở",
    Standing.REGISTERED: "Đã vào sổ",
    Standing.IN_WORK: "Đang xử lý",
    Standing.DONE: "Hoàn thành",
    Standing.REFUSED: "Từ chối",
    Standing.RECALLED: "Đã thu hồi",
    Standing.LATE: "Quá hạn",
}

#: The same with what comes next, for the sender's summary.
STANDING_LABELS: Final = STANDING_NAMES | {
    Standing.DELIVERED: "Đã gửi, chưa mở",
    Standing.OPENED: "Đã mở, chưa vào sổ",
    Standing.REGISTERED: "Đã vào sổ, chưa phân công",
}

_STANDINGS: Final = {
    DeliveryState.DELIVERED: Standing.DELIVERED,
    DeliveryState.OPENED: Standing.OPENED,
    DeliveryState.REGISTERED: Standing.REGISTERED,
    DeliveryState.ASSIGNED: Standing.IN_WORK,
    DeliveryState.DONE: Standing.DONE,
    DeliveryState.REFUSED: Standing.REFUSED,
    DeliveryState.RECALLED: Standing.RECALLED,
}


_UNREGISTERED: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.OPENED})
_OWING: Final = _UNREGISTERED | {DeliveryState.REGISTERED, DeliveryState.ASSIGNED}


class ReasonMissing(Invalid):
    """A refusal to accept a document, or another deadline, needs a reason."""


class TextUnacceptable(Invalid):
    """A text is empty or too long."""


class DeadlineUnacceptable(Invalid):
    """The deadline lies in the past or behind the one that the sender set."""


class LeadMissing(Invalid):
    """Exactly one person or unit takes the lead on an incoming document."""


class AssignedTwice(Invalid):
    """Somebody was named twice in one assignment."""


class ForClerksOnly(NotAllowed):
    """Only the records clerk receives, registers and submits incoming documents."""


class ForTheHeadOnly(NotAllowed):
    """Only the head of the agency assigns incoming documents."""


class NotAssignedToYou(NotAllowed):
    """Only those to whom the incoming document was assigned work on it."""


def days_late(due_on: date | None, ended_on: date | None, today: date, calendar: Calendar) -> int:
    """How many working days the work is, or was finished, behind its deadline; 0 in time.

    The deadline itself is still in time, and where it is a day off, the next working day.
    """
    return calendar.days_late(due_on, ended_on, today)


def asks_work(purpose: str) -> bool:
    """Whether the sender wants more of this recipient than to take note (để biết).

    `purpose` is a `documents.recipient_rules.Purpose`, which knows the database.
    """
    return purpose != _FOR_INFORMATION


def is_overdue(
    state: DeliveryState,
    due_on: date | None,
    today: date,
    calendar: Calendar,
    *,
    asked: bool = True,
) -> bool:
    """Whether the recipient still owes its work although the deadline has passed.

    Of whom nothing is asked but to take note owes nothing more once it has registered.
    """
    owing = _OWING if asked else _UNREGISTERED
    return state in owing and days_late(due_on, None, today, calendar) > 0


def standings(
    state: DeliveryState,
    due_on: date | None,
    today: date,
    calendar: Calendar,
    *,
    asked: bool = True,
) -> frozenset[Standing]:
    """What a list can be filtered by: how far the recipient is, and whether it is late."""
    standing = frozenset({_STANDINGS[state]})
    late = is_overdue(state, due_on, today, calendar, asked=asked)
    return standing | {Standing.LATE} if late else standing


def word(
    state: DeliveryState,
    due_on: date | None,
    today: date,
    calendar: Calendar,
    *,
    asked: bool = True,
) -> str:
    """How one recipient stands, in one word for a table."""
    if is_overdue(state, due_on, today, calendar, asked=asked):
        return STANDING_NAMES[Standing.LATE]
    return STANDING_NAMES[_STANDINGS[state]]


def following(last_number: int) -> int:
    """The arrival number after the last one that was given in the year; the first one is 1."""
    # Decree 30/2020, art. 22: consecutive numbers within a year, one row for paper and electronic.
    return last_number + 1


def to_be_handled_by(arrived_on: date, calendar: Calendar) -> date:
    """The last day on which a clerk may register and submit: the working day after the arrival.

    Decree 30/2020, art. 23 (1).
    """
    return calendar.next_working_day(arrived_on)


def checked_reason(reason: str) -> str:
    """The reason of a refusal, trimmed. Raises ReasonMissing, TextUnacceptable."""
    if not reason.strip():
        raise ReasonMissing(
            "Hãy ghi lý do từ chối để nơi gửi biết phải làm gì tiếp theo.",
            fields={"reason": "Chưa ghi lý do từ chối."},
        )
    return checked_text(reason, field="reason")


def checked_move_reason(reason: str) -> str:
    """Why a deadline is moved, trimmed. Raises ReasonMissing, TextUnacceptable."""
    if not reason.strip():
        raise ReasonMissing(
            "Hãy ghi lý do thay đổi hạn xử lý; lý do được giữ trong quá trình giải quyết.",
            fields={"move_reason": "Chưa ghi lý do."},
        )
    return checked_text(reason, field="move_reason")


def checked_text(text: str, *, field: str) -> str:
    """A text that somebody has to read, trimmed. Raises TextUnacceptable when empty or too long."""
    trimmed = text.strip()
    if not trimmed:
        raise TextUnacceptable("Hãy nhập nội dung.", fields={field: "Chưa nhập nội dung."})
    if len(trimmed) > LONGEST_TEXT:
        detail = f"Nội dung dài quá {LONGEST_TEXT} ký tự, hãy viết ngắn lại."
        raise TextUnacceptable(detail, fields={field: detail})
    return trimmed


def checked_deadline(
    due_on: date | None, *, senders: date | None, today: date, field: str = "due_on"
) -> date | None:
    """The deadline of an assignment; without one, the sender's deadline holds.

    It may not lie in the past nor, as long as the sender's can be kept, behind the sender's.
    """
    if due_on is None:
        return senders
    if due_on < today:
        detail = f"Hạn xử lý {_written(due_on)} đã qua, hãy chọn từ ngày {_written(today)}."
        raise DeadlineUnacceptable(detail, fields={field: detail})
    if senders is not None and today <= senders < due_on:
        detail = f"Nơi gửi yêu cầu xong trước hoặc trong ngày {_written(senders)}."
        raise DeadlineUnacceptable(
            f"{detail} Hãy chọn hạn xử lý không muộn hơn ngày đó.", fields={field: detail}
        )
    return due_on


def check_assignees(assignees: Collection[Assignee]) -> None:
    """Raises LeadMissing or AssignedTwice.

    Decree 30/2020, art. 23 (2): where several have to do with a document, one of them leads.
    """
    if sum(each.role is Role.LEAD for each in assignees) != 1:
        detail = "Hãy chọn đúng một người hoặc một đơn vị chủ trì."
        raise LeadMissing(detail, fields={"lead": detail})
    if len({(each.unit_id, each.person_id) for each in assignees}) != len(assignees):
        detail = "Mỗi người hoặc đơn vị chỉ được nêu một lần trong một lượt phân công."
        raise AssignedTwice(detail, fields={"cooperating": detail})


def subject_of_answer(type_name: str, code: str, issued_on: date, subject: str) -> str:
    """The subject of a dispatch that answers a document; a small letter, for it follows "V/v".

    Cut at the length that a subject may have.
    """
    answered = f"trả lời {type_name} số {code} ngày {_written(issued_on)} về {subject}"
    return answered if len(answered) <= SUBJECT_LENGTH else answered[: SUBJECT_LENGTH - 1] + "…"


def is_clerk(position_kind: str) -> bool:
    """Whether the position keeps the incoming book."""
    return position_kind == PositionKind.CLERK


def is_head(position_kind: str) -> bool:
    """Whether the position decides who works on what."""
    return position_kind == PositionKind.HEAD


def reads_the_book(position_kind: str) -> bool:
    """Whether the position sees all incoming documents of its agency, not only its own work."""
    return position_kind in _READERS


def check_clerk(position_kind: str) -> None:
    """Decree 30/2020, art. 6 and 20–23: what comes in passes through the records clerk.

    Raises ForClerksOnly.
    """
    if not is_clerk(position_kind):
        raise ForClerksOnly(
            "Việc này do văn thư cơ quan thực hiện. Hãy chuyển sang chức danh văn thư nếu bạn "
            "được giao, hoặc báo cho văn thư."
        )


def check_head(position_kind: str) -> None:
    """Raises ForTheHeadOnly."""
    if not is_head(position_kind):
        raise ForTheHeadOnly(
            "Chỉ người đứng đầu cơ quan phân công giải quyết văn bản đến. "
            "Hãy đề nghị văn thư trình văn bản."
        )


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
