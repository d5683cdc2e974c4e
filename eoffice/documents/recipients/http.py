"""Recipients, groups, the outside directory, the hour of issue and corrections, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, queries
from eoffice.documents.issue import corrections, scheduling
from eoffice.documents.issue.corrections_rules import CorrectionKind, Force
from eoffice.documents.issue.schedule_states import ScheduleState
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import directory
from eoffice.documents.recipients import group_actions as recipient_actions
from eoffice.documents.recipients import pasted as recipients_pasted
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.pages import known
from eoffice.documents.recipients.pasted import Outcome
from eoffice.documents.recipients.rules import Channel, Purpose, Rule, Target
from eoffice.documents.states import State
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class TargetIn(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of unit, group, rule, appointment and organisation."""

    unit_id: UUID | None = None
    group_code: str | None = None
    rule: Rule | None = None
    appointment_id: UUID | None = None
    organisation_id: UUID | None = None
    purpose: Purpose = Purpose.ACTION
    #: What a rule is called.
    name: Annotated[str, msgspec.Meta(max_length=recipient_rules.LONGEST_NAME)] = ""

    def __post_init__(self) -> None:
        named = (
            self.unit_id,
            self.group_code,
            self.rule,
            self.appointment_id,
            self.organisation_id,
        )
        if sum(each is not None for each in named) != 1:
            raise ValueError(
                "Mỗi nơi nhận là một đơn vị, một nhóm, một quy tắc, một người hoặc một cơ quan."
            )


class ChoiceIn(msgspec.Struct, frozen=True, kw_only=True):
    recipients: Annotated[list[TargetIn], msgspec.Meta(max_length=recipient_rules.MOST_CHOICES)]


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    count: int
    purpose: Purpose


class UnitOut(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID
    name: str
    purpose: Purpose
    named_by: str | None
    addressees: list[str]


class PersonOut(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    name: str
    purpose: Purpose


class OutsideOut(msgspec.Struct, frozen=True, kw_only=True):
    organisation_id: UUID
    name: str
    channel: Channel
    address: str
    purpose: Purpose


class ChangesOut(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    added: list[str]
    removed: list[str]


class PreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the document would reach if it were issued now."""

    total: int
    lines: list[LineOut]
    units: list[UnitOut]
    people: list[PersonOut]
    outside: list[OutsideOut]
    warnings: list[str]
    changes: ChangesOut | None


class PastedIn(msgspec.Struct, frozen=True, kw_only=True):
    pasted: str


class PastedOut(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    outcome: Outcome
    #: "unit:…" or "outside:…", with the name.
    found: list[tuple[str, str]]


class GroupIn(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    rule: Rule


class GroupOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    rule: Rule


class MadeOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


class OrganisationIn(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    channel: Channel
    organ_id: str = ""
    email: str = ""
    postal_address: str = ""


class OrganisationOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    channel: Channel
    organ_id: str | None
    email: str | None
    postal_address: str | None


class HourIn(msgspec.Struct, frozen=True, kw_only=True):
    #: With its offset: "2018-08-14T07:30:00+07:00".
    due_at: Annotated[datetime, msgspec.Meta(tz=True)]


class HourOut(msgspec.Struct, frozen=True, kw_only=True):
    due_at: datetime
    state: ScheduleState
    scheduled_by: str
    failure: str | None


class CorrectionIn(msgspec.Struct, frozen=True, kw_only=True):
    kind: CorrectionKind


class LinkedOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    kind: CorrectionKind
    said: str
    code: str | None
    issued_on: date | None
    subject: str
    state: State


class LinksOut(msgspec.Struct, frozen=True, kw_only=True):
    corrects: list[LinkedOut]
    corrected_by: list[LinkedOut]
    force: Force


@get("/documents/{document_id:uuid}/preview", sync_to_thread=True)
def preview(request: Request, document_id: FromPath[UUID]) -> PreviewOut:
    """Whom the document would reach if it were issued now, and what has changed since."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _preview(session, document_id, request)


@put("/documents/{document_id:uuid}/choice", sync_to_thread=True)
def choose(request: Request, document_id: FromPath[UUID], data: JSONBody[ChoiceIn]) -> PreviewOut:
    """Replace the recipients of a draft: units, groups, rules, people, agencies outside."""
    who = principal(request)
    targets = [
        Target(
            unit_id=each.unit_id,
            group_code=each.group_code,
            rule=each.rule,
            appointment_id=each.appointment_id,
            organisation_id=each.organisation_id,
            purpose=each.purpose,
            name=each.name,
        )
        for each in data.recipients
    ]
    with db.transaction(who.acting) as session:
        actions.choose_recipients(session, document_id, targets, by=who, at=clock.now())
        session.flush()  # The answer reads the rows that were just replaced.
        return _preview(session, document_id, request)


@post("/recipient-lists", sync_to_thread=True, status_code=200)
def read_list(request: Request, data: JSONBody[PastedIn]) -> list[PastedOut]:
    """What each line of a pasted list may mean; nothing is kept."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        lines = recipients_pasted.read(data.pasted, known(session, who))
    return [
        PastedOut(
            text=line.text,
            outcome=line.outcome,
            found=[(each.key, each.name) for each in line.found],
        )
        for line in lines
    ]


@get("/recipient-groups", sync_to_thread=True)
def groups(request: Request) -> list[GroupOut]:
    """What the acting unit keeps."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [
            GroupOut(id=each.id, name=each.name, rule=each.rule)
            for each in recipient_actions.groups_of(session, who=who)
        ]


@post("/recipient-groups", sync_to_thread=True)
def keep_group(
    request: Request, data: JSONBody[GroupIn], once: NamedDependency[Once]
) -> Response[MadeOut]:
    """Keep a rule under a name; one of the same name is replaced."""
    who = principal(request)
    return once.answer(
        lambda session: MadeOut(
            id=recipient_actions.keep_group(session, data.name, data.rule, by=who, at=clock.now())
        ),
        status=201,
    )


@delete("/recipient-groups/{group_id:uuid}", sync_to_thread=True)
def remove_group(request: Request, group_id: FromPath[UUID]) -> None:
    """Keep it no longer."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        recipient_actions.remove_group(session, group_id, by=who, at=clock.now())


@get("/organisations", sync_to_thread=True)
def organisations(request: Request, q: FromQuery[str] = "") -> list[OrganisationOut]:
    """The directory of agencies outside."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [
            msgspec.convert(each, OrganisationOut, from_attributes=True)
            for each in directory.listing(session, who=who, words=q)
        ]


@post("/organisations", sync_to_thread=True)
def enter_organisation(
    request: Request, data: JSONBody[OrganisationIn], once: NamedDependency[Once]
) -> Response[MadeOut]:
    """Enter an agency into the directory."""
    who = principal(request)
    return once.answer(
        lambda session: MadeOut(id=directory.enter(session, _entry(data), by=who, at=clock.now())),
        status=201,
    )


@put("/organisations/{organisation_id:uuid}", sync_to_thread=True)
def change_organisation(
    request: Request, organisation_id: FromPath[UUID], data: JSONBody[OrganisationIn]
) -> OrganisationOut:
    """Change an entry of the directory."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        directory.change(session, organisation_id, _entry(data), by=who, at=clock.now())
        session.flush()  # The answer reads what was changed.
        found = directory.organisation(session, organisation_id, who=who)
    return msgspec.convert(found, OrganisationOut, from_attributes=True)


@delete("/organisations/{organisation_id:uuid}", sync_to_thread=True)
def remove_organisation(request: Request, organisation_id: FromPath[UUID]) -> None:
    """Take an agency out of the directory."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        directory.remove(session, organisation_id, by=who, at=clock.now())


@post("/documents/{document_id:uuid}/issuance-schedule", sync_to_thread=True, status_code=200)
def schedule(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[HourIn],
    once: NamedDependency[Once],
) -> Response[HourOut]:
    """hẹn giờ phát hành."""
    who = principal(request)

    def work(session: Session) -> HourOut:
        scheduling.schedule(session, document_id, data.due_at, by=who, at=clock.now())
        session.flush()  # The answer reads the decision.
        found = scheduling.latest(session, document_id)
        return msgspec.convert(found, HourOut, from_attributes=True)

    return once.answer(work)


@delete("/documents/{document_id:uuid}/issuance-schedule", sync_to_thread=True)
def cancel_schedule(request: Request, document_id: FromPath[UUID]) -> None:
    """Take the decision back before its hour."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        scheduling.cancel(session, document_id, by=who, at=clock.now())


@get("/documents/{document_id:uuid}/corrections", sync_to_thread=True)
def links(request: Request, document_id: FromPath[UUID]) -> LinksOut:
    """What the document corrects, by what it is corrected, and whether it is in force."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        queries.document(session, document_id, who=who)
        found = corrections.links(session, document_id, who=who)
    return msgspec.convert(found, LinksOut, from_attributes=True)


@put("/documents/{document_id:uuid}/corrections/{corrected_id:uuid}", sync_to_thread=True)
def note(
    request: Request,
    document_id: FromPath[UUID],
    corrected_id: FromPath[UUID],
    data: JSONBody[CorrectionIn],
) -> LinksOut:
    """The draft says which issued document it changes."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        corrections.note(session, document_id, corrected_id, data.kind, by=who, at=clock.now())
        session.flush()  # The answer reads the link.
        found = corrections.links(session, document_id, who=who)
    return msgspec.convert(found, LinksOut, from_attributes=True)


@delete("/documents/{document_id:uuid}/corrections/{corrected_id:uuid}", sync_to_thread=True)
def drop(request: Request, document_id: FromPath[UUID], corrected_id: FromPath[UUID]) -> None:
    """It does not change that document after all."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        corrections.drop(session, document_id, corrected_id, by=who, at=clock.now())


router = Router(
    "/api/v1",
    route_handlers=[
        preview,
        choose,
        read_list,
        groups,
        keep_group,
        remove_group,
        organisations,
        enter_organisation,
        change_organisation,
        remove_organisation,
        schedule,
        cancel_schedule,
        links,
        note,
        drop,
    ],
    tags=["recipients"],
)


def _preview(session: Session, document_id: UUID, request: Request) -> PreviewOut:
    who = principal(request)
    meant = queries.resolution(session, document_id, who=who, at=clock.now())
    changed = recipients.changes(session, document_id, meant)
    return PreviewOut(
        total=meant.total,
        lines=[
            LineOut(name=line.name, count=line.count, purpose=line.target.purpose)
            for line in meant.lines
        ],
        units=[msgspec.convert(each, UnitOut, from_attributes=True) for each in meant.units],
        people=[
            PersonOut(appointment_id=each.appointment.id, name=each.said, purpose=each.purpose)
            for each in meant.people
        ],
        outside=[msgspec.convert(each, OutsideOut, from_attributes=True) for each in meant.outside],
        warnings=list(meant.warnings),
        changes=None
        if changed is None
        else msgspec.convert(changed, ChangesOut, from_attributes=True),
    )


def _entry(data: OrganisationIn) -> directory.Entry:
    return directory.Entry(data.name, data.channel, data.organ_id, data.email, data.postal_address)
