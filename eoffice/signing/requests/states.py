"""The life of a request for signature, as a table, and what is said of one that waits. Pure.

A request is committed before a key is asked, and what the key made is committed before a time-stamp
authority is asked: whatever dies in between, nothing is signed twice and no PIN is asked for twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class RequestState(StrEnum):
    #: Committed before the key was asked: exactly this may have been signed.
    REQUESTED = "requested"
    #: The key has signed; the time-stamp and the record with its owner are missing.
    VALUED = "valued"
    #: The signature stands in a document that the office has recorded.
    SIGNED = "signed"
    #: The key refused, or the owner of the content did; nothing was recorded.
    FAILED = "failed"
    #: The content changed meanwhile, or the signer began anew; a later request takes its place.
    ABANDONED = "abandoned"
    #: Nobody signed it in time.
    EXPIRED = "expired"
    #: The signer said no.
    DECLINED = "declined"


class RequestStep(StrEnum):
    TAKE_VALUE = "take_value"
    COMPLETE = "complete"
    FAIL = "fail"
    ABANDON = "abandon"
    EXPIRE = "expire"
    DECLINE = "decline"


class Channel(StrEnum):
    """Where the key is asked, and so how long its answer may take."""

    #: A key that this machine can open with a PIN.
    HERE = "here"
    #: A service that asks the signer, on their phone.
    REMOTE = "remote"
    #: A token at the signer's own computer, through the program `eoffice-agent`.
    AGENT = "agent"


class RequestStepRefused(Conflict):
    """The request is not in a state in which this step can be taken."""


_R, _T = RequestState, RequestStep
TABLE: Final[dict[tuple[RequestState, RequestStep], RequestState]] = {
    (_R.REQUESTED, _T.TAKE_VALUE): _R.VALUED,
    (_R.REQUESTED, _T.FAIL): _R.FAILED,
    (_R.REQUESTED, _T.ABANDON): _R.ABANDONED,
    (_R.REQUESTED, _T.EXPIRE): _R.EXPIRED,
    (_R.REQUESTED, _T.DECLINE): _R.DECLINED,
    (_R.VALUED, _T.COMPLETE): _R.SIGNED,
    (_R.VALUED, _T.FAIL): _R.FAILED,
    (_R.VALUED, _T.ABANDON): _R.ABANDONED,
}
NAMES: Final[dict[RequestState, str]] = {
    _R.REQUESTED: "Chờ ký",
    _R.VALUED: "Đã ký, chờ dấu thời gian",
    _R.SIGNED: "Đã ký",
    _R.FAILED: "Không ký được",
    _R.ABANDONED: "Đã thay bằng yêu cầu khác",
    _R.EXPIRED: "Quá hạn ký",
    _R.DECLINED: "Đã từ chối",
}
TONES: Final[dict[RequestState, str]] = {
    _R.REQUESTED: "waiting",
    _R.VALUED: "waiting",
    _R.SIGNED: "done",
    _R.FAILED: "wrong",
    _R.ABANDONED: "quiet",
    _R.EXPIRED: "wrong",
    _R.DECLINED: "quiet",
}
STEP_NAMES: Final[dict[RequestStep, str]] = {
    _T.TAKE_VALUE: "nhận chữ ký",
    _T.COMPLETE: "ghi nhận chữ ký",
    _T.FAIL: "ghi là không ký được",
    _T.ABANDON: "thay bằng yêu cầu khác",
    _T.EXPIRE: "để quá hạn",
    _T.DECLINE: "từ chối",
}
OPEN: Final = frozenset({_R.REQUESTED, _R.VALUED})

#: How long a key may be awaited. A person at a page waits for seconds; what still stands after
#: minutes was left behind by a process that died. A service says itself when its question lapses.
LIFE: Final[dict[Channel, timedelta]] = {
    Channel.HERE: timedelta(minutes=10),
    Channel.REMOTE: timedelta(minutes=15),
    Channel.AGENT: timedelta(hours=24),
}
#: As long the process that took the value has it for itself.
LEASE: Final = timedelta(minutes=2)
#: How soon a service is asked for the signer's answer again, and how long after its question lapsed
#: a last time.
ASKED_AGAIN_AFTER: Final = timedelta(seconds=4)
LAST_ANSWER: Final = timedelta(seconds=30)
#: What a batch still makes ready goes into the same question, if it does not take longer.
GATHERED_FOR: Final = timedelta(seconds=60)
MOST_ASKED_AT_ONCE: Final = 100
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What an open request waits for, in words of the office."""

    who: str
    since: datetime
    #: What went wrong at the last attempt; empty if nothing did.
    trouble: str
    next: str
    #: When it goes on by itself, or ends.
    next_at: datetime | None


def after(state: RequestState, step: RequestStep) -> RequestState:
    """The state that follows. Raises RequestStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise RequestStepRefused(
            f"Yêu cầu ký này ở trạng thái “{NAMES[state]}” nên không {STEP_NAMES[step]} được nữa."
        )
    return following


def pause(tries: int) -> timedelta:
    """After how many attempts in vain the next one comes when: 15 s, 30 s … at most 10 minutes."""
    return min(_FIRST_PAUSE * (1 << min(max(tries - 1, 0), 10)), _LONGEST_PAUSE)


def awaited(
    state: RequestState,
    channel: Channel,
    *,
    signer: str,
    since: datetime,
    trouble: str,
    next_try_at: datetime | None,
    expires_at: datetime | None,
) -> Awaited | None:
    """Who or what is awaited, and what comes next; None for a request that has ended."""
    if state is RequestState.VALUED:
        return Awaited(
            "Máy chủ dấu thời gian",
            since,
            trouble,
            "Hệ thống tự hỏi lại và hoàn tất; không phải nhập lại mã PIN.",
            next_try_at,
        )
    if state is not RequestState.REQUESTED:
        return None
    return Awaited(_WHO[channel].format(signer=signer), since, trouble, _NEXT[channel], expires_at)


_WHO: Final[dict[Channel, str]] = {
    Channel.HERE: "Khóa ký của {signer}",
    Channel.REMOTE: "{signer} xác nhận trên điện thoại",
    Channel.AGENT: "{signer} ký trên máy của mình",
}
_NEXT: Final[dict[Channel, str]] = {
    Channel.HERE: "Nếu không có trả lời, yêu cầu tự hết hạn; khi đó hãy ký lại.",
    Channel.REMOTE: "Mở ứng dụng ký số trên điện thoại và xác nhận; quá giờ thì yêu cầu hết hạn.",
    Channel.AGENT: "Mở eoffice-agent trên máy có USB ký số để ký; quá giờ thì yêu cầu hết hạn.",
}
