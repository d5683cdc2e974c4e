"""Whoever guesses or keeps an address sees what their unit and position may see, and no more.

Each address is tried by everybody; those who are not named get "unknown" or "not allowed".
"""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from tests.security.house import House, people

DRAFTERS = {"specialist", "office_head", "director", "deputy_director", "clerk"}
STAFF = DRAFTERS | {"chief_of_administration", "secondary_office_head"}
BOOK_OF_HIGH_SCHOOL = {
    "high_school_principal",
    "high_school_deputy",
    "high_school_clerk",
}
CLASS = {
    "homeroom_teacher",
    "school_principal",
    "school_deputy",
    "school_clerk",
    "teacher TOAN",
    "teacher HDTN",
    # Superiors read the registers of their schools.
    "director",
    "deputy_director",
    "specialist",
    "office_head",
    "chief_of_administration",
    "secondary_office_head",
    "district_head",
}
OWN_ARCHIVE = {"school_principal", "school_deputy", "school_clerk"}
SUPERIORS = {
    "director",
    "deputy_director",
    "specialist",
    "office_head",
    "chief_of_administration",
    "secondary_office_head",
    "district_head",
}
SCHOOL_STAFF = OWN_ARCHIVE | {"homeroom_teacher", "teacher TOAN", "teacher HDTN"}

#: Address -> who may see what is there. Names in braces are those of `House.ids`.
SEEN: dict[str, set[str]] = {
    "/api/v1/documents/{draft}": DRAFTERS,
    "/api/v1/documents/{draft}/versions/1/content": DRAFTERS,
    "/api/v1/documents/{draft}/versions/1/pages/1?width=100": DRAFTERS,
    "/api/v1/documents/{draft}/attachments/{attachment}": DRAFTERS,
    "/api/v1/documents/{draft}/comparison?older=1&newer=1": DRAFTERS,
    "/api/v1/documents/{draft}/form-check": DRAFTERS,
    "/api/v1/documents/{draft}/distribution": DRAFTERS,
    "/api/v1/documents/{draft}/signatures": DRAFTERS,
    "/documents/{draft}": DRAFTERS,
    "/documents/{draft}/draft": DRAFTERS,
    "/documents/{draft}/versions/1": DRAFTERS,
    "/documents/{draft}/attachments/{attachment}": DRAFTERS,
    "/documents/{draft}/distribution": DRAFTERS,
    "/api/v1/documents/{issued}": STAFF,
    "/api/v1/documents/{issued}/attachments/{issued attachment}": STAFF,
    "/api/v1/documents/{issued}/recipients-status": STAFF,
    "/documents/{issued}/recipients": STAFF,
    # An attachment of another document, under one that may be read.
    "/api/v1/documents/{issued}/attachments/{attachment}": set(),
    "/documents/{issued}/attachments/{attachment}": set(),
    "/api/v1/deliveries/{delivery}": BOOK_OF_HIGH_SCHOOL,
    "/api/v1/deliveries/{delivery}/content": BOOK_OF_HIGH_SCHOOL,
    "/api/v1/deliveries/{delivery}/files": BOOK_OF_HIGH_SCHOOL,
    "/incoming/deliveries/{delivery}/content": BOOK_OF_HIGH_SCHOOL,
    "/incoming/deliveries/{delivery}": BOOK_OF_HIGH_SCHOOL,
    "/api/v1/arrivals/{arrival}": BOOK_OF_HIGH_SCHOOL,
    "/incoming/{arrival}": BOOK_OF_HIGH_SCHOOL,
    # Nobody reads what was not opened: the sender relies on it.
    "/api/v1/deliveries/{unopened delivery}/content": set(),
    "/api/v1/deliveries/{unopened delivery}/pages/1": set(),
    "/api/v1/deliveries/{unopened delivery}": {"district_head", "district_clerk"},
    "/api/v1/classes/{class}": CLASS,
    "/api/v1/classes/{class}/results": CLASS,
    "/api/v1/classes/{class}/imports": CLASS,
    "/api/v1/classes/{class}/marks-template?subject=TOAN": CLASS,
    "/registers/classes/{class}": CLASS,
    "/registers/classes/{class}/conduct": CLASS,
    "/registers/classes/{class}/teaching": CLASS,
    "/registers/classes/{class}/pupils": CLASS,
    "/registers/pupils/{pupil}": CLASS,
    "/registers/pupils/{pupil}/particulars": CLASS,
    "/api/v1/pupils/{pupil}": CLASS,
    "/registers/classes/{class}/attendance": CLASS,
    "/registers/classes/{class}/families": OWN_ARCHIVE | {"homeroom_teacher"},
    "/registers/classes/{class}/results": CLASS,
    "/api/v1/imports/{import}": CLASS,
    "/registers/imports/{import}": CLASS,
    "/api/v1/gradebooks/{gradebook}": CLASS,
    "/api/v1/gradebooks/{gradebook}/content": CLASS,
    "/registers/gradebooks/{gradebook}": CLASS,
    "/registers/gradebooks/{gradebook}/progress": CLASS,
    # The archive follows the registers; a teacher reads the book of an own class in the registers.
    "/api/v1/archive/entries/{own register}": OWN_ARCHIVE | SUPERIORS | {"inspector"},
    "/archive/{own register}": OWN_ARCHIVE | SUPERIORS | {"inspector"},
    "/api/v1/archive/entries/{own document}": SCHOOL_STAFF,
    # Of a school that the decision does not name.
    "/api/v1/archive/entries/{other register}": {
        "high_school_principal",
        "high_school_deputy",
        "high_school_clerk",
    }
    | SUPERIORS - {"district_head"},
    "/admin/audit": {"operator"},
    "/api/v1/audit/events": {"operator"},
    "/admin/people": {"operator"},
    "/api/v1/persons": {"operator"},
}
#: Enough of everybody: those who are of one kind behave alike.
TRIED = (
    "specialist",
    "office_head",
    "director",
    "clerk",
    "operator",
    "inspector",
    "secondary_office_head",
    "district_head",
    "district_clerk",
    "other_district_clerk",
    "school_principal",
    "school_clerk",
    "homeroom_teacher",
    "teacher TOAN",
    "high_school_principal",
    "high_school_clerk",
    "high_school_teacher",
    "other_high_school_principal",
)


@pytest.mark.parametrize("path", SEEN)
def test_only_these_see_what_is_there(house: House, path: str) -> None:
    address = path.format_map(house.ids)
    everybody = people(house.cast)
    answers = {name: house.get(everybody[name], address) for name in TRIED}
    broken = {name for name, answer in answers.items() if answer.status_code >= 500}
    # What stands in for pages and books is no PDF, which is found out after the door.
    through = {
        name
        for name, answer in answers.items()
        if answer.status_code not in (403, 404) or "vẽ được" in answer.text
    }
    assert broken == set()
    assert through == SEEN[path] & set(TRIED)


@pytest.mark.parametrize(
    "path", ["/api/v1/documents/", "/search?q=dự thảo chưa trình", "/documents"]
)
def test_a_draft_stands_in_no_list_of_another_office(house: House, path: str) -> None:
    everybody = people(house.cast)
    for name in TRIED:
        is_listed = str(house.ids["draft"]) in house.get(everybody[name], path).text
        assert is_listed == (name in DRAFTERS), name


def test_lists_hold_what_their_lines_open(house: House) -> None:
    everybody = people(house.cast)
    for name in TRIED:
        archived = house.get(everybody[name], "/api/v1/archive/entries?q=7a1").text
        classes = house.get(everybody[name], "/api/v1/classes").text
        assert (str(house.ids["own register"]) in archived) == (
            name in OWN_ARCHIVE | SUPERIORS | {"inspector"}
        ), name
        assert (str(house.ids["class"]) in classes) == (name in CLASS), name


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("secondary_office_head", "/api/v1/documents/{draft}/comments", {"text": "x"}),
        ("secondary_office_head", "/api/v1/documents/{draft}/approval", {}),
        ("inspector", "/api/v1/documents/{issued}/comments", {"text": "x"}),
        ("operator", "/api/v1/documents/{issued}/comments", {"text": "x"}),
        ("director", "/api/v1/documents/{draft}/issuance", {}),
        ("specialist", "/api/v1/documents/{draft}/approval", {}),
        ("specialist", "/api/v1/documents/{issued}/withdrawal", {"reason": "x"}),
        ("district_clerk", "/api/v1/documents/{issued}/withdrawal", {"reason": "x"}),
        ("district_clerk", "/api/v1/deliveries/{delivery}/registration", {}),
        ("district_head", "/api/v1/deliveries/{unopened delivery}/registration", {}),
        ("district_head", "/api/v1/deliveries/{unopened delivery}/refusal", {"reason": "x"}),
        ("high_school_teacher", "/api/v1/arrivals/{arrival}/work", {"text": "x"}),
        ("high_school_teacher", "/api/v1/arrivals/{arrival}/completion", {"outcome": "x"}),
        ("high_school_teacher", "/api/v1/arrivals/{arrival}/answer", {}),
        ("high_school_clerk", "/api/v1/arrivals/{arrival}/completion", {"outcome": "x"}),
        ("director", "/api/v1/notices/{notice}/reading", {}),
        ("secondary_office_head", "/api/v1/notices/{notice}/reading", {}),
        ("district_head", "/api/v1/classes/{class}/gradebooks", {}),
        ("teacher TOAN", "/api/v1/classes/{class}/gradebooks", {}),
        ("district_head", "/api/v1/imports/{import}/acceptance", {}),
        ("specialist", "/api/v1/gradebooks/{gradebook}/return", {"reason": "x y z w"}),
        ("specialist", "/api/v1/gradebooks/{gradebook}/signatures", {"pin": "1"}),
        (
            "teacher HDTN",
            "/api/v1/gradebooks/{gradebook}/signatures",
            {"pin": "1", "field": "subject_TOAN"},
        ),
        ("school_clerk", "/api/v1/gradebooks/{gradebook}/signatures", {"pin": "1"}),
        ("inspector", "/api/v1/inspections/{inspection}/ending", {}),
        ("school_principal", "/api/v1/inspections/{inspection}/ending", {}),
        ("specialist", "/api/v1/units", {
            "code": "X", "name": "X", "kind": "school", "place": "X", "valid_from": "2020-01-01",
        }),
        ("director", "/api/v1/persons", {"login": "xyz", "full_name": "X"}),
    ],
)  # fmt: skip
def test_a_step_of_somebody_else_is_refused(
    house: House, who: str, path: str, body: dict[str, object]
) -> None:
    answer = house.ask(people(house.cast)[who], "POST", path.format_map(house.ids), json=body)

    assert answer.status_code in (403, 404, 409), answer.text


@pytest.mark.parametrize("path", ["/documents/books/2025", "/api/v1/books/outgoing/2025"])
def test_the_book_of_the_agency_is_closed_to_those_who_read_no_documents(
    house: House, path: str
) -> None:
    everybody = people(house.cast)
    refused = {name for name in TRIED if house.get(everybody[name], path).status_code == 403}

    assert refused == {"operator", "inspector"}
    assert "SGDĐT" not in house.get(everybody["district_clerk"], path).text.replace("PGDĐT", "")


def test_a_teacher_of_other_classes_brings_no_file_into_this_one(house: House) -> None:
    """Not even one in which no subject can be made out."""
    out = io.BytesIO()
    Workbook().save(out)
    answer = house.ask(
        house.cast.school_clerk,
        "POST",
        f"/api/v1/classes/{house.ids['class']}/imports",
        files={"file": ("x.xlsx", out.getvalue())},
    )

    assert answer.status_code == 403
