"""Code lists: each system has its own, so each peer has rows that an operator edits.

What stands here is only what a new peer begins with. A code may mean the same as another one when
it is read (công văn is 1 in one system and 18 in another); one of them is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.documents import types
from eoffice.documents.types import URGENCY_NAMES, DocumentType, Urgency


class CodeList(StrEnum):
    DOCUMENT_TYPE = "document_type"
    PRIORITY = "priority"
    STEERING = "steering"
    #: What an answer of a gateway means for the sending.
    ANSWER = "answer"


class Steering(StrEnum):
    NOT_DIRECTIVE = "not_directive"
    DIRECTIVE = "directive"
    REPORT = "report"


class AnswerClass(StrEnum):
    DONE = "done"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CodePair:
    list: CodeList
    ours: str
    theirs: str
    #: Whether it is the one that is written; False: only read.
    is_written: bool = True


LIST_NAMES: Final[dict[CodeList, str]] = {
    CodeList.DOCUMENT_TYPE: "Loại văn bản",
    CodeList.PRIORITY: "Độ khẩn",
    CodeList.STEERING: "Văn bản chỉ đạo",
    CodeList.ANSWER: "Mã trả lời của cổng",
}

#: Words for what a list maps to, in the order in which they are offered.
MEANINGS: Final[dict[CodeList, dict[str, str]]] = {
    CodeList.DOCUMENT_TYPE: {kind.value: types.name(kind) for kind in DocumentType},
    CodeList.PRIORITY: {urgency.value: URGENCY_NAMES[urgency] for urgency in Urgency},
    CodeList.STEERING: {
        Steering.NOT_DIRECTIVE.value: "Không phải chỉ đạo",
        Steering.DIRECTIVE.value: "Chỉ đạo",
        Steering.REPORT.value: "Báo cáo",
    },
    CodeList.ANSWER: {
        AnswerClass.DONE.value: "Đã nhận",
        AnswerClass.RETRY.value: "Gửi lại sau",
        AnswerClass.REFUSED.value: "Bị từ chối, không gửi lại",
    },
}


def beginnings() -> tuple[CodePair, ...]:
    """The rows of a new peer. Order of the decree's list for types; to be checked with the peer."""
    kinds = [kind for kind in DocumentType if kind not in types.COPIES]
    numbered = [
        CodePair(CodeList.DOCUMENT_TYPE, kind.value, str(number))
        # 1 is công văn in the SDK's samples and the first type of the decree in other lists: it is
        # read as công văn, and the first type has no code until somebody gives it one.
        for number, kind in enumerate(kinds, start=1)
        if number != 1
    ]
    return (
        *numbered,
        CodePair(CodeList.DOCUMENT_TYPE, DocumentType.DISPATCH.value, "1", is_written=False),
        *(
            CodePair(CodeList.PRIORITY, urgency.value, str(number))
            for number, urgency in enumerate(
                (Urgency.ORDINARY, Urgency.URGENT, Urgency.VERY_URGENT, Urgency.EXPRESS)
            )
        ),
        # Hoả tốc hẹn giờ.
        CodePair(CodeList.PRIORITY, Urgency.EXPRESS.value, "4", is_written=False),
        CodePair(CodeList.STEERING, Steering.NOT_DIRECTIVE.value, "1"),
        CodePair(CodeList.STEERING, Steering.NOT_DIRECTIVE.value, "0", is_written=False),
        CodePair(CodeList.STEERING, Steering.DIRECTIVE.value, "2"),
        CodePair(CodeList.STEERING, Steering.REPORT.value, "3"),
        CodePair(CodeList.ANSWER, AnswerClass.DONE.value, "0"),
        CodePair(CodeList.ANSWER, AnswerClass.REFUSED.value, "10"),
        CodePair(CodeList.ANSWER, AnswerClass.REFUSED.value, "15", is_written=False),
        *(
            CodePair(CodeList.ANSWER, AnswerClass.RETRY.value, str(code), is_written=code == 18)
            for code in range(18, 24)
        ),
    )


@dataclass(frozen=True, slots=True)
class Codes:
    """The lists of one peer."""

    pairs: tuple[CodePair, ...]

    def theirs(self, list_: CodeList, ours: str) -> str:
        """The code that is written; empty where the peer has none."""
        return next(
            (
                pair.theirs
                for pair in self.pairs
                if pair.list is list_ and pair.ours == ours and pair.is_written
            ),
            "",
        )

    def ours(self, list_: CodeList, theirs: str) -> str | None:
        """What a code means; None: nobody said."""
        return next(
            (pair.ours for pair in self.pairs if pair.list is list_ and pair.theirs == theirs), None
        )

    def type_name(self, code: str, name: str) -> str:
        """The name of the type as the office keeps it: the name that was sent goes before codes,
        because codes differ between systems and names do not."""
        if name:
            return name
        kind = self.ours(CodeList.DOCUMENT_TYPE, code)
        return "Văn bản" if kind is None else types.name(DocumentType(kind))

    def urgency(self, code: str) -> Urgency:
        """A code that nobody explained is ordinary; the message keeps it."""
        found = self.ours(CodeList.PRIORITY, code)
        return Urgency.ORDINARY if found is None else Urgency(found)

    def answer(self, code: str) -> AnswerClass:
        """A code that nobody explained is tried again, and gives up like every other failure."""
        found = self.ours(CodeList.ANSWER, code)
        return AnswerClass.RETRY if found is None else AnswerClass(found)


def faults(pairs: Iterable[CodePair]) -> list[str]:
    """What is wrong with the rows of one list, in whole sentences."""
    found = []
    seen: set[str] = set()
    written: set[str] = set()
    for pair in pairs:
        meaning = MEANINGS[pair.list].get(pair.ours)
        if meaning is None:
            found.append(f"Không có giá trị “{pair.ours}” trong danh mục.")
            continue
        if not pair.theirs or len(pair.theirs) > 20:
            found.append(f"Mã của “{meaning}” phải có từ 1 đến 20 ký tự.")
        if pair.theirs in seen:
            found.append(f"Mã {pair.theirs} đứng ở hai dòng.")
        if pair.is_written and pair.ours in written:
            found.append(f"“{meaning}” có hai mã để ghi, chỉ được chọn một.")
        seen.add(pair.theirs)
        if pair.is_written:
            written.add(pair.ours)
    return found
