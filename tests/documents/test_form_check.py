"""The form check of Decree 30/2020: errors stop a draft, warnings are for the clerk to judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eoffice.documents.form import check as form_check
from eoffice.documents.form.findings import Draft, Finding, Severity
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.types import DocumentType
from eoffice.people.rules import Capacity
from tests.documents.cast import DONG_THAP, DRAFT_960, LETTER_960

DECISION = Draft(
    DocumentType.DECISION,
    replace(
        LETTER_960,
        addressees=(),
        authority="Giám đốc Sở Giáo dục và Đào tạo",
        legal_bases=("Căn cứ Luật Giáo dục", "Theo đề nghị của Trưởng phòng Tổ chức cán bộ"),
        paragraphs=("**Điều 1.** Thành lập tổ.", "**Điều 2.** Tổ tan khi xong việc./."),
        recipients=("Như Điều 2",),
    ),
    DONG_THAP,
    "TCCB",
)


def found(draft: Draft) -> set[str]:
    return {finding.rule for finding in form_check.check(draft)}


def with_text(**changes: object) -> Draft:
    return replace(DRAFT_960, text=replace(LETTER_960, **changes))  # type: ignore[arg-type]


def with_body(*paragraphs: str) -> Draft:
    return replace(with_text(paragraphs=(*paragraphs, "Hết./.")), attachment_count=0)


def test_the_dispatch_of_2018_passes_with_the_warning_about_its_percentage() -> None:
    findings = form_check.check(DRAFT_960)

    assert [finding.rule for finding in findings] == ["percentage-wrong"]
    assert findings[0].severity is Severity.WARNING
    assert findings[0].message == "40/43 là 93,02% (làm tròn 93,0%), không phải 93,1%."
    assert form_check.passes(findings)


def test_a_decision_in_the_form_of_the_annex_has_no_findings() -> None:
    assert form_check.check(DECISION) == ()


def test_an_empty_draft_lacks_everything_and_does_not_pass() -> None:
    empty = Draft(DocumentType.DISPATCH, type(LETTER_960)(), Letterhead("", "", "", ""), "", 0)

    findings = form_check.check(empty)

    assert {finding.rule for finding in findings} == {
        "agency-missing",
        "place-missing",
        "notation-unknown",
        "subject-missing",
        "addressee-missing",
        "body-missing",
        "signer-title-missing",
        "signer-name-missing",
        "recipients-missing",
        "filing-registry",
    }
    assert not form_check.passes(findings)


ERRORS: list[tuple[dict[str, object], str]] = [
    ({"subject": ""}, "subject-missing"),
    ({"subject": "V/v thực hiện"}, "subject-repeats-prefix"),
    ({"subject": "THỰC HIỆN KẾ HOẠCH"}, "subject-in-capitals"),
    ({"addressees": ()}, "addressee-missing"),
    ({"addressees": ("Kính gửi: Ủy ban",)}, "addressee-repeats-prefix"),
    ({"legal_bases": ("Luật Giáo dục",)}, "basis-prefix"),
    ({"paragraphs": ()}, "body-missing"),
    ({"paragraphs": ("Không có dấu kết thúc.",)}, "body-end"),
    ({"paragraphs": ("Xong./.", "Rồi./.")}, "body-end-repeated"),
    ({"paragraphs": ("Xong./. rồi./.",)}, "body-end-repeated"),
    ({"paragraphs": ("Họp ngày 31 tháng 02 năm 2018./.",)}, "date-impossible"),
    ({"paragraphs": ("Họp ngày 31/04/2018./.",)}, "date-impossible"),
    ({"signer_title": ""}, "signer-title-missing"),
    ({"signer_title": "KT. Giám đốc"}, "signer-title-prefix"),
    ({"signer_name": ""}, "signer-name-missing"),
    ({"signer_name": "TRẦN THANH LIÊM"}, "signer-name-in-capitals"),
    ({"signer_title": "Phó Giám đốc"}, "capacity-deputy"),
    ({"signer_title": "Phó Giám đốc", "capacity": Capacity.FOR_HEAD}, "capacity-incomplete"),
    ({"capacity": Capacity.ON_BEHALF}, "capacity-incomplete"),
    ({"recipients": ()}, "recipients-missing"),
    ({"recipients": ("VNPT Đồng Tháp", "Như trên")}, "recipients-above"),
    ({"recipients": ("Như trên", "Lưu: VT")}, "recipients-filing"),
    ({"filing": ""}, "filing-registry"),
    ({"filing": "VH, VT"}, "filing-registry"),
]


@pytest.mark.parametrize(("changes", "rule"), ERRORS)
def test_what_breaks_the_form_is_an_error(changes: dict[str, object], rule: str) -> None:
    findings = form_check.check(with_text(**changes))

    assert rule in {each.rule for each in findings if each.severity is Severity.ERROR}
    assert not form_check.passes(findings)


WARNINGS: list[tuple[dict[str, object], str]] = [
    ({"subject": "thực hiện kế hoạch."}, "subject-punctuation"),
    ({"subject": "Thực hiện kế hoạch"}, "subject-capital"),
    ({"subject": "một " * 46}, "subject-long"),
    ({"addressees": ("Các trường", "các trường")}, "addressee-repeated"),
    ({"legal_bases": ("Căn cứ Quyết định của UBND tỉnh",)}, "basis-incomplete"),
    ({"legal_bases": ("Căn cứ Luật Giáo dục", "Căn cứ Luật Giáo dục")}, "basis-repeated"),
    ({"signer_name": "ThS. Trần Thanh Liêm"}, "signer-honours"),
    ({"signer_name": "Tiến sĩ Trần Thanh Liêm"}, "signer-honours"),
    ({"capacity": Capacity.FOR_HEAD, "on_behalf_of": "Giám đốc"}, "capacity-not-deputy"),
    ({"recipients": ("Như trên", "VNPT", "VNPT")}, "recipient-repeated"),
    ({"filing": "VT"}, "filing-unit"),
    ({"filing": "VT, "}, "filing-unit"),
]


@pytest.mark.parametrize(("changes", "rule"), WARNINGS)
def test_what_has_exceptions_is_a_warning(changes: dict[str, object], rule: str) -> None:
    findings = form_check.check(with_text(**changes))

    assert rule in {each.rule for each in findings if each.severity is Severity.WARNING}


BODIES = [
    ("Họp ngày 5 tháng 8 năm 2018.", {"date-padding"}),
    ("Họp ngày 15 tháng 2 năm 2018.", {"date-padding"}),
    ("Họp ngày 05 tháng 8 năm 2018.", set()),
    ("Họp ngày 15 tháng 02 năm 2018.", set()),
    ("Họp ngày 08/8/2018.", {"date-short"}),
    ("Họp ngày 29 tháng 02 năm 2020.", set()),
    ("Theo số 960 /SGDĐT.", {"notation-blanks"}),
    ("Theo số 15/QĐ - BNV.", {"notation-blanks"}),
    ("Theo số 15/QĐ-BNV.", set()),
    ("Theo Công văn số 15/BNV-VP.", {"citation-incomplete"}),
    ("Theo Quyết định số 15/QĐ-BNV ngày 05 tháng 8 năm 2018 về việc họp.", set()),
    ("Có 1/2 (đạt 50%).", set()),
    ("Có 1/3 (đạt 33,3%).", set()),
    ("Có 2/3 (đạt 66,6%).", {"percentage-wrong"}),
    ("Có 1/3, đạt tỉ lệ 34 %.", {"percentage-wrong"}),
    ("Có 1.250/2.500 trường (50%).", set()),
    ("Tăng 5/3 lần (đạt 10%).", set()),
    ("Chia 3/0 (đạt 10%).", set()),
    ("Theo 126/141 trường, trong đó có 3 trường đạt 100%.", set()),
    ("Danh sách kèm theo.", {"attachment-missing"}),
    ("f) Điểm lạ.", {"numbering-letter"}),
]


@pytest.mark.parametrize(("paragraph", "rules"), BODIES)
def test_what_the_body_says_is_read(paragraph: str, rules: set[str]) -> None:
    assert found(with_body(paragraph)) == rules


NUMBERINGS = [
    (("1. Một.", "2. Hai.", "3. Ba."), set()),
    (("**1.** Một.", "**3.** Ba."), {"numbering-gap"}),
    (("1. Một.", "a) A.", "b) B.", "c) C.", "d) D.", "đ) Đ.", "e) E.", "2. Hai."), set()),
    (("1. Một.", "a) A.", "c) C."), {"numbering-gap"}),
    (("d) D.",), {"numbering-gap"}),
    (("Điều 1. Một.", "1. Khoản.", "Điều 2. Hai.", "1. Khoản."), set()),
    (("Điều 1. Một.", "Điều 3. Ba."), {"numbering-gap"}),
    (("Điều 2. Hai.",), {"numbering-gap"}),
    (("2. Hai.",), {"numbering-gap"}),
]


@pytest.mark.parametrize(("paragraphs", "rules"), NUMBERINGS)
def test_articles_clauses_and_points_follow_without_gaps(
    paragraphs: tuple[str, ...], rules: set[str]
) -> None:
    assert found(with_body(*paragraphs)) == rules


def test_a_document_is_cited_in_full_only_the_first_time() -> None:
    draft = with_body(
        "Theo Công văn số 15/BNV-VP ngày 05 tháng 8 năm 2018 về việc họp.",
        "Công văn số 15/BNV-VP nói rõ.",
    )
    assert found(draft) == set()


def test_two_citations_in_a_sentence_are_each_complete_or_not() -> None:
    draft = with_body(
        "Theo Công văn số 15/BNV-VP ngày 05 tháng 8 năm 2018 về việc họp và Công văn số 16/BNV-VP."
    )
    messages = [finding.message for finding in form_check.check(draft)]
    assert len(messages) == 1
    assert "16/BNV-VP" in messages[0]


def test_attachments_are_mentioned_in_the_body() -> None:
    draft = replace(with_body("Không nói gì."), attachment_count=2)
    assert found(draft) == {"attachment-unmentioned"}


def test_a_decision_needs_bases_and_an_authority_and_has_no_addressees() -> None:
    bare = replace(
        DECISION,
        text=replace(DECISION.text, legal_bases=(), authority="", addressees=("Ủy ban",)),
    )
    assert found(bare) == {
        "basis-missing",
        "authority-missing",
        "addressee-unexpected",
        "recipients-above",
    }


def test_a_document_without_addressees_cannot_say_as_above() -> None:
    draft = replace(DECISION, text=replace(DECISION.text, recipients=("Như trên",)))
    assert found(draft) == {"recipients-above-without-addressee"}


def test_a_report_may_have_addressees_or_none() -> None:
    report = replace(DRAFT_960, kind=DocumentType.REPORT)
    without = replace(report, text=replace(LETTER_960, addressees=(), recipients=("UBND tỉnh",)))
    assert found(report) == found(without) == {"percentage-wrong"}


@pytest.mark.parametrize(
    ("basis", "complete"),
    [
        ("Căn cứ Luật Giáo dục ngày 14 tháng 6 năm 2005", True),
        ("Căn cứ Bộ luật Lao động", True),
        ("Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 về công tác văn thư", True),
        ("Căn cứ Nghị định số 30/2020/NĐ-CP về công tác văn thư", False),
        ("Xét đề nghị của Chánh Văn phòng", True),
    ],
)
def test_laws_are_cited_by_name_and_all_else_by_number_and_date(basis: str, complete: bool) -> None:
    rules = found(with_text(legal_bases=(basis,)))
    assert ("basis-incomplete" not in rules) == complete


def test_errors_stand_before_warnings() -> None:
    findings = form_check.check(with_text(filing="VT", signer_name="", subject="Thực hiện"))
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, key=lambda each: each is not Severity.ERROR)


def test_every_finding_is_a_sentence_with_a_source() -> None:
    everything: list[Finding] = []
    for changes, _ in [*ERRORS, *WARNINGS]:
        everything += form_check.check(with_text(**changes))
    for paragraph, _ in BODIES:
        everything += form_check.check(with_body(paragraph))

    for finding in everything:
        assert finding.message.endswith((".", "”.", "…”."))
        assert finding.source
        assert finding.field
    assert len({finding.rule for finding in everything}) >= 30
