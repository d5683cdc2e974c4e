"""Checking a package before anybody is taken in by it: every finding by file, in whole sentences.

Adapter around pure comparisons: whatever parses a PDF runs in a bounded child process.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from eoffice.files import bounded
from eoffice.registers import extraction
from eoffice.registers.gradebook import DataUnreadable as BookUnreadable
from eoffice.signing import xades
from eoffice.signing.verdict import Finding as Said
from eoffice.signing.verdict import Verdict
from eoffice.signing.xades_verification import Signed
from eoffice.transfers import data, package
from eoffice.transfers.data import PupilPackage
from eoffice.transfers.package import Opened
from eoffice.transfers.rendering import SEAL_FIELD

_CHILD: Final = str(Path(__file__).with_name("cover_child.py"))
#: Says what is to be said about the signatures of a PDF.
Judge: TypeAlias = Callable[[bytes], Verdict]
#: The same of XML, and the content that was signed.
JudgeXml: TypeAlias = Callable[[bytes], Signed]


class Grade(StrEnum):
    RIGHT = "right"
    #: Does not keep the pupil from being taken in, but should be known.
    WARNING = "warning"
    WRONG = "wrong"


GRADE_NAMES: Final[dict[Grade, str]] = {
    Grade.RIGHT: "Đạt",
    Grade.WARNING: "Cần lưu ý",
    Grade.WRONG: "Không đạt",
}


@dataclass(frozen=True, slots=True)
class Finding:
    #: The file; "" for the package as a whole.
    what: str
    grade: Grade
    #: A whole Vietnamese sentence.
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return {"what": self.what, "grade": self.grade.value, "sentence": self.sentence}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Finding:
        return cls(found["what"], Grade(found["grade"]), found["sentence"])


@dataclass(frozen=True, slots=True)
class Checked:
    package_id: str
    findings: tuple[Finding, ...]
    #: None where data.json is missing or not of the published shape.
    data: PupilPackage | None

    @property
    def is_sound(self) -> bool:
        return self.data is not None and all(one.grade is not Grade.WRONG for one in self.findings)


def check(content: bytes, *, judge: Judge, judge_xml: JudgeXml) -> Checked:
    """Raises NotAPackage, PackageTooLarge for whatever is not even a damaged package."""
    opened = package.opened(content)
    findings = [Finding(name, Grade.WRONG, sentence) for name, sentence in opened.faults]
    told: PupilPackage | None = None
    if package.DATA in opened.members:
        try:
            told = data.decoded(opened.members[package.DATA])
        except data.DataUnreadable as refusal:
            findings.append(Finding(package.DATA, Grade.WRONG, refusal.detail))
    findings += _cover(opened, told, judge)
    named = {name for name, _ in opened.faults}
    if told is not None:
        findings += _data(opened, told)
        findings += _reports(opened, told, judge, judge_xml)
        findings += _books(opened, told)
    findings += [
        Finding(name, Grade.RIGHT, "Mã băm khớp với danh mục mà con dấu của nhà trường xác nhận.")
        for name in sorted(opened.members.keys() - named - {package.MANIFEST, package.COVER})
    ]
    return Checked(opened.package_id, tuple(dict.fromkeys(findings)), told)


def _cover(opened: Opened, told: PupilPackage | None, judge: Judge) -> Iterator[Finding]:
    cover = opened.members.get(package.COVER)
    if cover is None:
        return
    verdict = judge(cover)
    seal = next((one for one in verdict.signatures if one.field == SEAL_FIELD), None)
    if verdict.verdict is not Said.INTACT or seal is None:
        yield Finding(package.COVER, Grade.WRONG, f"Con dấu trên phiếu: {verdict.reason}")
    else:
        yield Finding(
            package.COVER,
            Grade.RIGHT,
            f"Con dấu của {seal.signer} hợp lệ, phiếu nguyên vẹn từ khi đóng dấu.",
        )
    if seal is not None and told is not None and seal.signer != told.from_school.name:
        yield Finding(
            package.COVER,
            Grade.WRONG,
            f"Phiếu được đóng dấu của {seal.signer or 'một nơi không rõ'}, không phải của "
            f"{told.from_school.name}.",
        )
    if _manifest_in(cover) != opened.members.get(package.MANIFEST):
        yield Finding(
            package.MANIFEST, Grade.WRONG, "Danh mục không phải là danh mục nằm trong phiếu đã ký."
        )


def _manifest_in(cover: bytes) -> bytes | None:
    try:
        answered = bounded.run((sys.executable, "-I", _CHILD), content=cover)
    except bounded.ChildFailed:
        return None
    return base64.b64decode(json.loads(answered)["manifest"])


def _data(opened: Opened, told: PupilPackage) -> Iterator[Finding]:
    if told.package_id != opened.package_id:
        yield Finding(package.DATA, Grade.WRONG, "Dữ liệu thuộc về một hồ sơ khác.")
    if told.year is None:
        yield Finding(package.DATA, Grade.WARNING, "Hồ sơ không có kết quả của năm học đang học.")
        return
    wrong = data.differences(told.year)
    for sentence in wrong:
        yield Finding(package.DATA, Grade.WRONG, sentence)
    if not wrong:
        yield Finding(
            package.DATA,
            Grade.RIGHT,
            "Kết quả các môn tính lại từ điểm khớp với kết quả ghi trong hồ sơ.",
        )


def _reports(
    opened: Opened, told: PupilPackage, judge: Judge, judge_xml: JudgeXml
) -> Iterator[Finding]:
    """Each year's part: its own signatures, its own figures, and whose it is."""
    for one in told.reports:
        content = opened.members.get(one.member)
        if content is None:
            yield Finding(one.member, Grade.WRONG, f"Thiếu học bạ năm học {one.school_year}.")
            continue
        verdict = judge(content)
        if verdict.verdict is Said.INTACT:
            yield Finding(
                one.member, Grade.RIGHT, f"Học bạ năm học {one.school_year}: {verdict.reason}"
            )
        else:
            # Nobody can be asked any more about an old certificate: not proof of anything wrong.
            is_open = verdict.verdict is Said.UNVERIFIABLE
            yield Finding(
                one.member,
                Grade.WARNING if is_open else Grade.WRONG,
                f"Học bạ năm học {one.school_year}: {verdict.reason}",
            )
        for sentence in extraction.differences(content):
            yield Finding(one.member, Grade.WRONG, sentence)
        yield from _whose(one.member, content, told)
        yield from _sealed(package.xml_of(one.member), opened, content, judge_xml)
    known = {each for one in told.reports for each in (one.member, package.xml_of(one.member))}
    for name in sorted(opened.members):
        if name.startswith(package.REPORTS) and name not in known:
            yield Finding(name, Grade.WRONG, "Dữ liệu của hồ sơ không nhắc đến học bạ này.")


def _sealed(name: str, opened: Opened, report: bytes, judge_xml: JudgeXml) -> Iterator[Finding]:
    """The data of a report book as XML. Compared is what was sealed, not the file that came."""
    document = opened.members.get(name)
    if document is None:
        return
    found = judge_xml(document)
    if found.content is None:
        is_open = found.verdict.verdict is Said.UNVERIFIABLE
        yield Finding(name, Grade.WARNING if is_open else Grade.WRONG, found.verdict.reason)
        return
    try:
        inside = extraction.xml_of(report)
    except BookUnreadable:
        inside = None
    if inside is None or xades.canonical(inside) != found.content:
        yield Finding(name, Grade.WRONG, "Dữ liệu XML khác dữ liệu nằm trong tệp học bạ đã ký.")
    else:
        yield Finding(
            name, Grade.RIGHT, "Dữ liệu XML có con dấu số hợp lệ và khớp với học bạ đã ký."
        )


def _whose(name: str, content: bytes, told: PupilPackage) -> Iterator[Finding]:
    try:
        found = extraction.data_of(content)
        pupil = None if found is None else found["entered"]["entry"]["pupil"]
        said = None if pupil is None else (pupil["name"], pupil["born_on"])
    except (BookUnreadable, KeyError, TypeError):
        said = None
    if said is None:
        yield Finding(name, Grade.WRONG, "Tệp học bạ không có dữ liệu của học sinh bên trong.")
    elif said != (told.pupil.name, told.pupil.born_on.isoformat()):
        yield Finding(
            name,
            Grade.WARNING,
            f"Học bạ ghi họ tên, ngày sinh là {said[0]}, {said[1]}; hồ sơ ghi "
            f"{told.pupil.name}, {told.pupil.born_on.isoformat()}.",
        )


def _books(opened: Opened, told: PupilPackage) -> Iterator[Finding]:
    for one in told.books:
        content = opened.members.get(one.member)
        try:
            found = json.loads(content or b"")
            is_same = found["book_sha256"] == one.book_sha256
        except (ValueError, TypeError, KeyError, RecursionError):
            is_same = False
        if not is_same:
            yield Finding(
                one.member, Grade.WRONG, f"Không đọc được phần trích sổ lớp {one.class_name}."
            )
