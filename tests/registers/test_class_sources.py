"""The register of a class is what stands in the tables; each circular has its book and signers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.assessment.tt58 import AMENDED, ORIGINAL
from eoffice.assessment.year import ConductTime, TraitTime
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.db import new_id
from eoffice.marks.model import AbsenceRow, Conduct, Mark
from eoffice.marks.year_model import TraitRow, YearDecision
from eoffice.objects.sha256 import Sha256
from eoffice.registers import (
    book_forms,
    class_sources,
    comparison,
    correcting,
    correction_actions,
    correction_lists,
    correction_queries,
    extraction,
    gradebook_queries,
    gradebooks,
    teacher_sources,
)
from eoffice.registers.book_forms import NoBookForm
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.correction_actions import Evidence, Wanted
from eoffice.registers.correction_cells import ConductPlace, MarkPlace, Place, TraitPlace
from eoffice.registers.gradebook import NotComplete
from eoffice.registers.kinds import class_register, recheck, teacher_book
from eoffice.registers.kinds.class_register import ClassPupil, ClassRegister
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind, State
from eoffice.registers.teacher_sources import NotTaught
from tests.cast import Cast
from tests.registers import register_cast, stage

HOMEROOM, PRINCIPAL, SEAL = (
    SignatureKind.HOMEROOM,
    SignatureKind.PRINCIPAL,
    SignatureKind.SEAL,
)


def entered(session: Session, book: ClassRegister, cast: Cast, at: datetime) -> UUID:
    """A class in the tables that holds what the register holds."""
    class_id = new_id()
    school_id = cast.school_clerk.agency_id
    teachers = list(cast.subject_teachers.values())
    session.add(
        SchoolClass(
            id=class_id,
            school_id=school_id,
            name=book.of_class.name,
            grade=book.of_class.grade,
            school_year=book.of_class.school_year,
            rule_set=book.rule_set,
            homeroom_teacher_id=cast.homeroom_teacher.person_id,
            created_at=at,
        )
    )
    session.flush()
    for ordinal, subject in enumerate(book.subjects, start=1):
        session.add(
            ClassSubject(
                class_id=class_id,
                code=subject.code,
                school_id=school_id,
                name=subject.name,
                kind=subject.kind,
                periods_per_year=subject.periods_per_year,
                has_topics=False,
                ordinal=ordinal,
                teacher_id=teachers[ordinal % len(teachers)].person_id,
            )
        )
    for ordinal, one in enumerate(book.pupils, start=1):
        _enrol(session, class_id, school_id, ordinal, one, cast, at)
    codes = dict(
        session.execute(
            select(Pupil.code, Pupil.id)
            .join(Enrolment, Enrolment.pupil_id == Pupil.id)
            .where(Enrolment.class_id == class_id)
        ).all()
    )
    for absence in book.absences:
        session.add(
            AbsenceRow(
                class_id=class_id,
                pupil_id=codes[absence.pupil],
                absent_on=absence.on,
                session=absence.session,
                school_id=school_id,
                excused=absence.excused,
            )
        )
    session.flush()
    return class_id


def _enrol(
    session: Session,
    class_id: UUID,
    school_id: UUID,
    ordinal: int,
    one: ClassPupil,
    cast: Cast,
    at: datetime,
) -> None:
    pupil_id = new_id()
    keys = {"class_id": class_id, "pupil_id": pupil_id, "school_id": school_id}
    texts = "code name sex birthplace ethnicity policy_group address father mother".split()
    session.add(
        Pupil(
            id=pupil_id,
            school_id=school_id,
            born_on=one.pupil.born_on,
            identity_id=new_id(),
            **{name: getattr(one.pupil, name) for name in texts},
        )
    )
    session.flush()
    left = one.pupil.left
    session.add(
        Enrolment(
            **keys,
            ordinal=ordinal,
            from_on=date(2017, 8, 1),
            to_on=None if left is None else left.on,
        )
    )
    for (subject, semester, part, place), value in one.cells():
        session.add(
            Mark(
                **keys,
                subject_code=subject,
                semester=semester,
                part=part,
                place=place,
                score=value if isinstance(value, Decimal) else None,
                verdict=value if isinstance(value, Verdict) else None,
            )
        )
    for time, level in one.conduct.items():
        session.add(Conduct(**keys, semester=time, level=level))
    for code, times in one.traits.items():
        for when, trait in times.items():
            session.add(TraitRow(**keys, code=code, time=when, level=trait))
    if one.is_chosen:
        session.add(
            YearDecision(
                **keys,
                is_chosen=True,
                outcome=None,
                reason="Lớp bình chọn",
                decided_by=cast.homeroom_teacher.person_id,
                decided_at=at,
            )
        )


def without_summer(book: ClassRegister) -> ClassRegister:
    """Nobody has been tested again yet, and nobody awarded beside the titles."""
    return replace(
        book,
        pupils=tuple(replace(one, is_summer_over=False, award="") for one in book.pupils),
    )


BOOKS = {
    "TT58": lambda: register_cast.roll_book_of(7),
    "TT26": lambda: register_cast.roll_book_of(7, edition=AMENDED),
    "TT27": lambda: register_cast.primary_table_of(9),
}


@pytest.mark.parametrize("which", BOOKS)
def test_the_register_of_a_class_is_what_stands_in_the_tables(
    session: Session, cast: Cast, at: datetime, which: str
) -> None:
    book = without_summer(BOOKS[which]())
    class_id = entered(session, book, cast, at)

    found = class_sources.register(session, class_id, version=1, made_at=at)

    assert (found.rule_set, found.traits) == (book.rule_set, book.traits)
    assert [one.code for one in found.subjects] == [one.code for one in book.subjects]
    for read, one in zip(found.pupils, book.pupils, strict=True):
        assert dict(read.cells()) == dict(one.cells())
        assert read.conduct == one.conduct
        assert read.pupil.name == one.pupil.name
        if one.pupil.left is None:
            assert read.traits == one.traits
            assert read.is_chosen == one.is_chosen
        else:
            assert read.pupil.left is not None
            assert read.pupil.left.on == one.pupil.left.on
    assert class_register.compute(found).totals == class_register.compute(book).totals
    assert len(found.absences) == len(book.absences)


@pytest.mark.parametrize(
    ("which", "state", "kinds"),
    [
        ("TT58", State.AWAITING_TEACHERS, {SignatureKind.SUBJECT, HOMEROOM, PRINCIPAL, SEAL}),
        ("TT27", State.AWAITING_HOMEROOM, {HOMEROOM, PRINCIPAL, SEAL}),
    ],
)
def test_each_book_is_laid_before_its_own_signers_and_closed_by_the_seal(
    session: Session,
    cast: Cast,
    at: datetime,
    which: str,
    state: State,
    kinds: set[SignatureKind],
) -> None:
    class_id = entered(session, without_summer(BOOKS[which]()), cast, at)
    gradebook_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)
    book = session.get_one(Gradebook, gradebook_id)
    form = gradebooks.form_of(session, book)

    made = form.make(form.read(session, of_class(session, class_id), 1, at), None, (), None)
    gradebooks.record_rendered(
        session,
        gradebook_id,
        gradebooks.Rendered(Sha256.of(made.pdf), Sha256.of(made.data), made.page_count),
        by="worker:tests",
        at=at,
    )

    assert book.state is state
    places = session.scalars(
        select(GradebookSignature)
        .where(GradebookSignature.gradebook_id == gradebook_id)
        .order_by(GradebookSignature.ordinal)
    ).all()
    assert {place.kind for place in places} == kinds
    if which == "TT27":
        stage.sign(session, book, "homeroom", cast.homeroom_teacher, at)
        stage.sign(session, book, "principal", cast.school_principal, at)
        stage.sign(session, book, "school_seal", cast.school_clerk, at)
        assert book.state is State.CLOSED


MATHS = MarkPlace("TOAN", Semester.SECOND, Part.FINAL, 1)
MATHS_TOLD = "Toán · Học kì II · Cuối kì"
AGAIN = ["homeroom", "principal", "school_seal"]


@pytest.mark.parametrize(
    ("which", "cell", "texts", "told", "open_places"),
    [
        ("TT58", MATHS, ["1,5"], MATHS_TOLD, ["subject_TOAN", *AGAIN]),
        ("TT27", MATHS, ["C"], MATHS_TOLD, AGAIN),
        ("TT58", ConductPlace(ConductTime.YEAR), ["Khá", "Tốt"], "Hạnh kiểm · Cả năm", AGAIN),
        (
            "TT27",
            TraitPlace("YEU_NUOC", TraitTime.END_OF_YEAR),
            ["Đ", "T"],
            "Yêu nước · Cuối năm học",
            AGAIN,
        ),
    ],
)
def test_a_closed_book_of_another_circular_is_corrected_alike(
    session: Session,
    cast: Cast,
    at: datetime,
    which: str,
    cell: Place,
    texts: list[str],
    told: str,
    open_places: list[str],
) -> None:
    """A table of a primary class has no places of subjects: its homeroom teacher signs again."""
    class_id = entered(session, without_summer(BOOKS[which]()), cast, at)
    of = of_class(session, class_id)
    book = session.get_one(
        Gradebook, gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)
    )
    form = gradebooks.form_of(session, book)
    first = form.make(form.read(session, of, 1, at), None, (), None)
    laid(session, book, first, at)
    sign_all(session, book, cast, at)
    pupil_id = _first_pupil(session, class_id)
    view = gradebook_queries.gradebook(session, book.id, cast.homeroom_teacher)
    held = correction_queries.cell_now(session, view, pupil_id, cell)
    text = next(one for one in texts if one != held.value)
    for chosen in (None, "conduct" if which == "TT58" else "traits", "absences"):
        shown = correction_lists.page_of_book(session, view, chosen, Semester.SECOND)
        assert len(shown.rows) > 1
    wanted = Wanted(pupil_id, cell, text)
    evidence = Evidence(Sha256.of(b"the test"), "bai.pdf", "application/pdf")
    request_id = correction_actions.request(
        session, book.id, wanted, "Cộng nhầm.", evidence, by=cast.homeroom_teacher, at=at
    )
    session.flush()
    new_id = correction_actions.approve(session, [request_id], "", by=cast.school_principal, at=at)
    new = session.get_one(Gradebook, new_id)
    cited = correcting.citations(session, new)
    second = form.make(form.read(session, of, 2, at), first.pdf, cited, None)
    laid(session, new, second, at)

    assert [one.field for one in places(session, new) if one.signed_at is None] == open_places
    assert extraction.differences(second.pdf) == ()
    found = comparison.compare(extraction.data_of(first.pdf), extraction.data_of(second.pdf))
    assert [one.place for one in found if one.is_entered] == [told]
    sign_all(session, new, cast, at)
    assert (book.state, new.state) == (State.SUPERSEDED, State.CLOSED)


def test_a_changed_mark_of_a_later_version_is_told_in_the_book(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = entered(session, without_summer(register_cast.roll_book_of(6)), cast, at)
    form = book_forms.form_of(ORIGINAL.rule_set, 8)
    first = form.make(form.read(session, of_class(session, class_id), 1, at), None, (), None)
    session.execute(
        update(Mark)
        .where(Mark.class_id == class_id, Mark.subject_code == "TOAN", Mark.part == "final")
        .where(Mark.semester == "1", Mark.pupil_id == _first_pupil(session, class_id))
        .values(score=Decimal("1.5"))
    )

    second = form.make(form.read(session, of_class(session, class_id), 2, at), first.pdf, (), None)

    assert b'"corrections":[{"column":"final"' in second.data
    assert b'"corrections":[]' in first.data


def test_a_class_with_gaps_has_no_book(session: Session, cast: Cast, at: datetime) -> None:
    book = register_cast.roll_book_of(6)
    conduct = replace(book.pupils[0], conduct={})
    class_id = entered(
        session, without_summer(replace(book, pupils=(conduct, *book.pupils[1:]))), cast, at
    )

    with pytest.raises(NotComplete, match="hạnh kiểm"):
        gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)


def test_every_circular_has_its_book_and_another_has_none() -> None:
    titles = {
        rule_set: book_forms.form_of(rule_set, grade).title
        for rule_set, grade in (("TT58/2011", 8), ("TT22/2021", 8), ("TT27/2020", 2))
    }

    assert titles == {
        "TT58/2011": "Sổ gọi tên và ghi điểm",
        "TT22/2021": "Sổ theo dõi và đánh giá học sinh (theo lớp học)",
        "TT27/2020": "Bảng tổng hợp kết quả đánh giá giáo dục của lớp",
    }
    with pytest.raises(NoBookForm):
        book_forms.form_of("TT43/2021", 10)


def test_a_teachers_book_has_all_classes_in_which_the_subject_is_taught(
    session: Session, cast: Cast, at: datetime
) -> None:
    register = without_summer(register_cast.roll_book_of(6))
    class_id = entered(session, register, cast, at)
    taught = session.scalars(
        select(ClassSubject).where(ClassSubject.class_id == class_id, ClassSubject.code == "TOAN")
    ).one()
    teacher = next(
        one for one in cast.subject_teachers.values() if one.person_id == taught.teacher_id
    )

    (own,) = [
        one for one in teacher_sources.own_books(session, teacher) if one.subject_code == "TOAN"
    ]
    book = teacher_sources.book(session, teacher, "TOAN", own.school_year, made_at=at)

    assert (own.school_year, own.classes) == ("2017-2018", ("8A2",))
    results = teacher_book.compute(book).classes[0]
    of_class = class_register.compute(register).pupils
    assert [one.semesters for one in results.pupils] == [
        one.subjects["TOAN"].semesters for one in of_class
    ]
    assert book.classes[0].pupils[4].left is not None
    assert recheck.data_differences(register_cast.data(RegisterKind.TEACHER_BOOK, book)) == ()


def test_nobody_has_the_book_of_a_subject_that_others_teach(
    session: Session, cast: Cast, at: datetime
) -> None:
    entered(session, without_summer(register_cast.roll_book_of(6)), cast, at)

    with pytest.raises(NotTaught):
        teacher_sources.book(session, cast.school_clerk, "TOAN", "2017-2018", made_at=at)


def _first_pupil(session: Session, class_id: UUID) -> UUID:
    return session.scalars(
        select(Enrolment.pupil_id).where(Enrolment.class_id == class_id, Enrolment.ordinal == 1)
    ).one()


def of_class(session: Session, class_id: UUID) -> BookOf:
    row = session.get_one(SchoolClass, class_id)
    return BookOf(BookKind.CLASS_BOOK, row.school_id, row.school_year, class_id=class_id)


def laid(session: Session, book: Gradebook, made: book_forms.Made, at: datetime) -> None:
    pages = gradebooks.Rendered(Sha256.of(made.pdf), Sha256.of(made.data), made.page_count)
    gradebooks.record_rendered(session, book.id, pages, by="worker:tests", at=at)
    session.flush()


def places(session: Session, book: Gradebook) -> Sequence[GradebookSignature]:
    return session.scalars(
        select(GradebookSignature)
        .where(GradebookSignature.gradebook_id == book.id)
        .order_by(GradebookSignature.ordinal)
    ).all()


def sign_all(session: Session, book: Gradebook, cast: Cast, at: datetime) -> None:
    """Every open place, by whom it waits for."""
    people = {
        one.person_id: one
        for one in (*cast.subject_teachers.values(), cast.homeroom_teacher, cast.school_principal)
    }
    for place in places(session, book):
        if place.signed_at is None:
            signer = cast.school_clerk if place.signer_id is None else people[place.signer_id]
            stage.sign(session, book, place.field, signer, at)
    session.flush()


def test_the_cover_says_where_the_school_is(session: Session, cast: Cast, at: datetime) -> None:
    school = class_sources.school(session, cast.school_clerk.agency_id, at)

    assert (school.commune, school.district, school.province) == (
        "",
        "thành phố Cao Lãnh",
        "Đồng Tháp",
    )
    assert school.place
