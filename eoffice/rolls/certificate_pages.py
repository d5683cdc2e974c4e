"""Pages of the ledger of certificates: the list, granting, and one certificate with its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.rolls import certificate_actions, certificate_queries, granting, rules, tables
from eoffice.rolls import certificate_states as states
from eoffice.rolls.certificate_actions import NewCertificate, NewHandover
from eoffice.rolls.certificate_queries import CORRECTABLE, CertificateSeen
from eoffice.rolls.certificate_states import (
    CERTIFICATE_NAMES,
    TONES,
    CertificateState,
    CertificateStep,
)
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

CERTIFICATES: Final = "/registers/certificates"
_LINES: Final = 50
LABELS: Final = {
    "kind_code": "Loại",
    "name": "Họ và tên",
    "born_on": "Ngày sinh",
    "birthplace": "Nơi sinh",
    "graduation_year": "Năm tốt nghiệp",
    "signed_on": "Ngày ký cấp",
    "decision": "Quyết định công nhận",
    "sex": "Giới tính",
    "grading": "Xếp loại",
    "serial": "Số hiệu",
    "entry_number": "Số vào sổ gốc",
    "pupils": "Người được cấp",
    "on": "Ngày",
    "receiver": "Người nhận",
    "identity_paper": "Giấy tờ tùy thân",
    "authorisation": "Giấy ủy quyền",
    "signature": "Chữ ký người nhận",
    "ended_on": "Ngày",
    "because": "Lý do",
    "copies": "Số bản",
    "new": "Nội dung mới",
    "field": "Nội dung chỉnh sửa",
}


class CertificateForm(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    name: str
    born_on: date
    birthplace: str = ""
    graduation_year: int
    signed_on: date
    decision: str = ""
    sex: str = ""
    ethnicity: str = ""
    class_name: str = ""
    grading: str = ""
    serial: str = ""
    entry_number: str = ""
    note: str = ""


class GraduatesForm(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    school_year: str
    signed_on: date
    pupils: tuple[UUID, ...] = ()


class HandoverForm(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    receiver: str
    identity_paper: str
    authorisation: str = ""
    signature: str = ""


class SignatureForm(msgspec.Struct, frozen=True, kw_only=True):
    signature: str
    on: date


class EndingForm(msgspec.Struct, frozen=True, kw_only=True):
    step: CertificateStep
    ended_on: date
    because: str = ""


class CopyForm(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    copies: int
    receiver: str
    identity_paper: str
    reason: str = ""


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    new: str
    on: date
    decision: str


@get(CERTIFICATES, sync_to_thread=True)
def show_ledger(
    request: Request,
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    stands: FromQuery[CertificateState | None] = None,
    school: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Sổ quản lý cấp phát văn bằng, chứng chỉ; with `format` the printed list."""
    who, at = principal(request), clock.now()
    school_id = school or who.agency_id
    after = Cursor.read(request, cursor) if format is None else None
    with db.transaction(who.acting) as session:
        rows = certificate_queries.certificates(
            session,
            who,
            school_id,
            kind_code=kind,
            state=stands,
            text=q,
            after=int(after[0]) if after else 0,
            limit=_LINES + 1 if format is None else None,
        )
        kinds = certificate_queries.kinds(session)
        letterhead = people.letterhead(session, school_id, on=clock.civil_date(at))
        name = people.unit(session, school_id).name
        tallies = certificate_queries.tallies(session, who, school_id)
    if format is not None:
        laid_out = tables.of_certificates if format is Format.XLSX else tables.certificates_on_paper
        table = laid_out(rows, "Sổ quản lý cấp phát văn bằng, chứng chỉ")
        return table_files.answer(
            table, letterhead, format, name="so-van-bang", printed_by=who.full_name, at=at
        )
    listed = Page.of(request, rows, limit=_LINES, key=lambda one: (str(one.ordinal),))
    return page(
        request,
        "rolls/certificates.html",
        section="registers",
        school=name,
        school_id=school_id,
        is_own=school_id == who.agency_id,
        rows=listed.items,
        next_cursor=listed.next_cursor,
        at_start=after is None,
        q=q,
        kind=kind,
        stands=stands,
        kinds=kinds,
        kind_names={one.code: one.name for one in kinds},
        tallies=tallies,
        names=CERTIFICATE_NAMES,
        tones=TONES,
        may_keep=rules.may_keep(staff_queries.actor(who), school_id),
    )


@get(CERTIFICATES + "/new", sync_to_thread=True)
def new_certificates(
    request: Request, kind: FromQuery[str] = "", year: FromQuery[str] = ""
) -> Response[bytes]:
    """For everybody who finished in a school year, or for one person."""
    today = clock.civil_date(clock.now())
    begin = FormState.of(kind_code=kind, signed_on=today.isoformat(), graduation_year=today.year)
    return _new(request, begin, kind=kind, year=year)


@post(CERTIFICATES, sync_to_thread=True)
def grant(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Vào sổ một văn bằng, chứng chỉ."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = msgspec.structs.asdict(form.parse(CertificateForm))
        kind_code = entered.pop("kind_code")
        (made,) = certificate_actions.grant(
            session, kind_code, [NewCertificate(**entered)], by=who, at=clock.now()
        )
        return See(f"{CERTIFICATES}/{made}", said="Đã vào sổ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _new(request, form.refused(refusal), kind=form["kind_code"], status=refusal.status)


@post(CERTIFICATES + "/graduates", sync_to_thread=True)
def grant_all(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Vào sổ cho những người đã được công nhận tốt nghiệp."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(GraduatesForm)
        made = granting.grant_all(
            session,
            entered.kind_code,
            entered.school_year,
            entered.pupils,
            signed_on=entered.signed_on,
            by=who,
            at=clock.now(),
        )
        return See(f"{CERTIFICATES}?kind={entered.kind_code}", said=f"Đã vào sổ {len(made)} bằng.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _new(
            request,
            form.refused(refusal),
            kind=form["kind_code"],
            year=form["school_year"],
            status=refusal.status,
        )


@get(CERTIFICATES + "/{certificate_id:uuid}", sync_to_thread=True)
def show_certificate(request: Request, certificate_id: FromPath[UUID]) -> Response[bytes]:
    """A line of the ledger with everything that came later."""
    return _certificate(request, certificate_id, None)


@post(CERTIFICATES + "/{certificate_id:uuid}/handover", sync_to_thread=True)
def hand_over(
    request: Request,
    certificate_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Phát văn bằng, chứng chỉ."""

    def work(session: Session) -> str:
        entered = NewHandover(**msgspec.structs.asdict(form.parse(HandoverForm)))
        certificate_actions.hand_over(
            session, certificate_id, entered, by=principal(request), at=clock.now()
        )
        return f"Đã ghi phát cho {entered.receiver}."

    return _done(request, certificate_id, form, once, work)


@post(CERTIFICATES + "/{certificate_id:uuid}/signature", sync_to_thread=True)
def signed_for(
    request: Request,
    certificate_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi nơi có chữ ký của người nhận."""

    def work(session: Session) -> str:
        entered = form.parse(SignatureForm)
        certificate_actions.signed_for(
            session,
            certificate_id,
            entered.signature,
            entered.on,
            by=principal(request),
            at=clock.now(),
        )
        return "Đã ghi chữ ký của người nhận."

    return _done(request, certificate_id, form, once, work)


@post(CERTIFICATES + "/{certificate_id:uuid}/ending", sync_to_thread=True)
def end(
    request: Request,
    certificate_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Viết sai, mất, thu hồi."""

    def work(session: Session) -> str:
        entered = form.parse(EndingForm)
        if entered.step not in ENDINGS:
            raise rules.RollWrong("Hãy chọn việc cần ghi.", fields={"step": "Hãy chọn việc."})
        certificate_actions.end(
            session,
            certificate_id,
            entered.step,
            on=entered.ended_on,
            because=entered.because,
            by=principal(request),
            at=clock.now(),
        )
        return "Đã ghi vào sổ."

    return _done(request, certificate_id, form, once, work)


@post(CERTIFICATES + "/{certificate_id:uuid}/copies", sync_to_thread=True)
def copy(
    request: Request,
    certificate_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Cấp bản sao từ sổ gốc."""

    def work(session: Session) -> str:
        entered = msgspec.structs.asdict(form.parse(CopyForm))
        number = certificate_actions.copy(
            session, certificate_id, **entered, by=principal(request), at=clock.now()
        )
        return f"Đã ghi cấp bản sao, số {number}."

    return _done(request, certificate_id, form, once, work)


@post(CERTIFICATES + "/{certificate_id:uuid}/corrections", sync_to_thread=True)
def correct(
    request: Request,
    certificate_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Chỉnh sửa nội dung theo quyết định."""

    def work(session: Session) -> str:
        entered = form.parse(CorrectionForm)
        certificate_actions.correct(
            session,
            certificate_id,
            entered.field,
            entered.new,
            on=entered.on,
            decision=entered.decision,
            by=principal(request),
            at=clock.now(),
        )
        return "Đã ghi chỉnh sửa."

    return _done(request, certificate_id, form, once, work)


#: What ends a certificate, in the words of the form.
ENDINGS: Final = {
    CertificateStep.ANNUL: "Hủy bỏ vì viết sai",
    CertificateStep.LOSE: "Bị mất",
    CertificateStep.REVOKE: "Thu hồi theo quyết định",
}


def _done(
    request: Request,
    certificate_id: UUID,
    form: Form,
    once: Once,
    work: Callable[[Session], str],
) -> Response[bytes]:
    """The step of one certificate: back to its page, or its page with the form as typed."""
    try:
        return once.see(lambda session: See(f"{CERTIFICATES}/{certificate_id}", said=work(session)))
    except Refusal as refusal:
        return _certificate(request, certificate_id, form.refused(refusal), status=refusal.status)


def _new(
    request: Request, form: FormState, *, kind: str = "", year: str = "", status: int = 200
) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    school_year = year or rules.school_year_of(today)
    with db.transaction(who.acting) as session:
        rules.require_keeper(staff_queries.actor(who), who.agency_id)
        kinds = certificate_queries.kinds(session, offered=True)
        chosen = next((one for one in kinds if one.code == kind), None)
        waiting = granting.awaiting(session, who, kind, school_year) if chosen else ()
        blanks = certificate_queries.next_blanks(session, who.agency_id, kind, 1) if chosen else []
        rows = [
            (str(o.graduate.pupil_id), o.pupil.name, o.pupil.born_on, o.graduate) for o in waiting
        ]
    if not form.all("pupils"):
        form = FormState(
            {**form.values, "pupils": tuple(each[0] for each in rows)}, form.errors, form.detail
        )
    return page(
        request,
        "rolls/certificate_new.html",
        section="registers",
        status=status,
        form=form,
        labels=LABELS,
        kinds=[(one.code, one.name) for one in kinds],
        kind=chosen,
        gradings=[(word, word) for word in chosen.gradings] if chosen else [],
        year=school_year,
        rows=rows,
        next_blank=blanks[0] if blanks else "",
        today=today,
    )


def _certificate(
    request: Request, certificate_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        one = certificate_queries.certificate(session, who, certificate_id)
        history = audit.history(session, "certificate", certificate_id)
    form = form or _begun(one, today)
    may_keep = rules.may_keep(staff_queries.actor(who), one.school_id)
    possible = states.possible(one.state) if may_keep else frozenset()
    return page(
        request,
        "rolls/certificate.html",
        section="registers",
        status=status,
        form=form,
        labels=LABELS,
        one=one,
        correctable=CORRECTABLE,
        word=CERTIFICATE_NAMES[one.state],
        tone=TONES[one.state],
        can_hand_over=CertificateStep.HAND_OVER in possible,
        can_sign=may_keep and one.handover is not None and one.handover.signed_on is None,
        can_copy=CertificateStep.COPY in possible,
        can_correct=CertificateStep.CORRECT in possible,
        endings=[(step.value, words) for step, words in ENDINGS.items() if step in possible],
        today=today,
        history=history,
    )


def _begun(one: CertificateSeen, today: date) -> FormState:
    day = today.isoformat()
    return FormState.of(on=day, ended_on=day, receiver=one.name, copies=1)


HANDLERS = (
    show_ledger,
    new_certificates,
    grant,
    grant_all,
    show_certificate,
    hand_over,
    signed_for,
    end,
    copy,
    correct,
)
