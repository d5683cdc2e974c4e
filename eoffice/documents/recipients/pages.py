"""Pages of recipients: the picker with its preview, groups that are kept, the outside directory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, queries, states
from eoffice.documents.issue import corrections
from eoffice.documents.queries import DocumentRead
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import directory
from eoffice.documents.recipients import group_actions as recipient_actions
from eoffice.documents.recipients import pasted as recipients_pasted
from eoffice.documents.recipients import picker as recipient_picker
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.pasted import Known, Line, Outcome
from eoffice.documents.recipients.picker import Typed
from eoffice.documents.recipients.rules import (
    CHANNEL_NAMES,
    PURPOSE_NAMES,
    Channel,
    Directory,
    Target,
)
from eoffice.errors import Invalid, Refusal
from eoffice.people import groups, organ_ids
from eoffice.people import queries as people
from eoffice.people.kinds import SCHOOL_LEVEL_NAMES, UNIT_KIND_NAMES, PositionKind, UnitKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.principal import Principal, Request, principal

#: Of each kind, a search shows no more.
MOST_FOUND = 40


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be added to the choice."""

    key: str
    name: str
    note: str = ""


@get("/documents/{document_id:uuid}/distribution", sync_to_thread=True)
def distribution(
    request: Request, document_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Choose recipients, and see before whom it will reach."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
        targets = recipients.targets_of(session, document_id)
    if not states.may_be_edited(found.state):
        return see(f"/documents/{document_id}", said="Văn bản đã trình nên không đổi nơi nhận.")
    return _picker(request, found, targets, FormState.of(q=q), q=q)


@post("/documents/{document_id:uuid}/distribution", sync_to_thread=True)
def choose(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Search, add, paste: the page comes back with it. Only "Lưu nơi nhận" keeps the choice."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
    sent = recipient_picker.typed(form)
    try:
        match sent.button:
            case "paste":
                return _pasted(request, found, sent)
            case "rule" | "keep_rule":
                return _with_rule(request, found, sent)
            case "same":
                return _with_earlier(request, found, sent)
            case "find" | "add":
                return _picker(request, found, sent.targets, _state(form, sent), q=sent.q)
            case _:
                return _saved(found, sent, once, who)
    except Refusal as refusal:
        state = replace(_state(form, sent), errors=refusal.fields, detail=refusal.detail)
        lines = _read(sent.pasted, who)
        return _picker(
            request, found, sent.targets, state, q=sent.q, lines=lines, status=refusal.status
        )


@get("/organisations", sync_to_thread=True)
def organisations(request: Request, q: FromQuery[str] = "") -> Response[bytes]:
    """The directory of agencies outside."""
    return _directory(request, FormState(), q=q)


@post("/organisations", sync_to_thread=True)
def enter_organisation(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thêm vào danh bạ."""
    who = principal(request)
    try:
        entry = _entry(form)

        def work(session: Session) -> See:
            directory.enter(session, entry, by=who, at=clock.now())
            return See(
                "/organisations",
                said=organ_ids.said(f"Đã thêm {entry.name} vào danh bạ.", entry.organ_id.strip()),
            )

        return once.see(work)
    except Refusal as refusal:
        return _directory(request, form.refused(refusal), status=refusal.status)


@get("/organisations/{organisation_id:uuid}", sync_to_thread=True)
def organisation(request: Request, organisation_id: FromPath[UUID]) -> Response[bytes]:
    """One agency outside, to be changed."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = directory.organisation(session, organisation_id, who=who)
    state = FormState.of(
        name=found.name,
        channel=found.channel.value,
        organ_id=found.organ_id or "",
        email=found.email or "",
        postal_address=found.postal_address or "",
    )
    return _one(request, found, state)


@post("/organisations/{organisation_id:uuid}", sync_to_thread=True)
def change_organisation(
    request: Request,
    organisation_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sửa."""
    who = principal(request)
    try:
        entry = _entry(form)

        def work(session: Session) -> See:
            directory.change(session, organisation_id, entry, by=who, at=clock.now())
            return See(
                "/organisations",
                said=organ_ids.said(f"Đã sửa {entry.name}.", entry.organ_id.strip()),
            )

        return once.see(work)
    except Refusal as refusal:
        with db.transaction(who.acting) as session:
            found = directory.organisation(session, organisation_id, who=who)
        return _one(request, found, form.refused(refusal), status=refusal.status)


@post("/organisations/{organisation_id:uuid}/removal", sync_to_thread=True)
def remove_organisation(
    request: Request, organisation_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Bỏ khỏi danh bạ."""
    who = principal(request)

    def work(session: Session) -> See:
        directory.remove(session, organisation_id, by=who, at=clock.now())
        return See("/organisations", said="Đã bỏ cơ quan khỏi danh bạ.")

    return once.see(work)


@post("/recipient-groups/{group_id:uuid}/removal", sync_to_thread=True)
def remove_group(
    request: Request,
    group_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bỏ nhóm đã lưu."""
    who = principal(request)
    document = form["document"]
    back = f"/documents/{UUID(document)}/distribution" if document else "/documents"

    def work(session: Session) -> See:
        recipient_actions.remove_group(session, group_id, by=who, at=clock.now())
        return See(back, said="Đã bỏ nhóm nơi nhận.")

    return once.see(work)


routes = [
    distribution,
    choose,
    organisations,
    enter_organisation,
    organisation,
    change_organisation,
    remove_organisation,
    remove_group,
]


def _saved(found: DocumentRead, sent: Typed, once: Once, who: Principal) -> Response[bytes]:
    """Keep the choice, unless lines of a pasted list are still undecided."""
    if sent.pasted:
        raise Invalid(
            "Danh sách dán còn dòng chưa rõ nơi nhận. Hãy chọn, sửa hoặc xóa các dòng đó rồi lưu.",
            fields={"pasted": "Còn dòng chưa đối chiếu được."},
        )

    def work(session: Session) -> See:
        actions.choose_recipients(session, found.id, sent.targets, by=who, at=clock.now())
        return See(f"/documents/{found.id}", said="Đã lưu nơi nhận.")

    return once.see(work)


def _pasted(request: Request, found: DocumentRead, sent: Typed) -> Response[bytes]:
    """What is beyond doubt joins the choice; the other lines stay, each with what it may mean."""
    lines = _read(sent.pasted, principal(request))
    named, left = recipient_picker.found_of(lines, sent.purpose)
    targets = recipient_rules.checked_targets([*sent.targets, *named])
    open_lines = tuple(line for line in lines if line.outcome is not Outcome.FOUND)
    state = FormState.of(q=sent.q, pasted=left, purpose_new=sent.purpose.value)
    said = f"Đã nhận ra {len(named)} dòng; {len(open_lines)} dòng chưa rõ."
    return _picker(request, found, targets, state, q=sent.q, lines=open_lines, said=said)


def _with_rule(request: Request, found: DocumentRead, sent: Typed) -> Response[bytes]:
    """The rule joins the choice; kept under its name for the unit, if that was asked."""
    who = principal(request)
    exceptions, unclear = _exceptions(sent, who)
    if unclear:
        raise Invalid(
            f"Không rõ đơn vị loại trừ: {', '.join(unclear)}. Hãy ghi đủ tên.",
            fields={"except": "Mỗi dòng một đơn vị, ghi đủ tên hoặc mã."},
        )
    rule = recipient_picker.rule_of(sent, exceptions)
    if sent.button == "keep_rule":
        with db.transaction(who.acting) as session:
            recipient_actions.keep_group(session, sent.rule_name, rule, by=who, at=clock.now())
    added = Target(rule=rule, name=sent.rule_name, purpose=sent.purpose)
    targets = recipient_rules.checked_targets([*sent.targets, added])
    state = FormState.of(q=sent.q, pasted=sent.pasted, purpose_new=sent.purpose.value)
    return _picker(request, found, targets, state, q=sent.q)


def _with_earlier(request: Request, found: DocumentRead, sent: Typed) -> Response[bytes]:
    """Every unit that got the document which this one corrects joins the choice."""
    with db.transaction(principal(request).acting) as session:
        earlier = corrections.recipients_of_corrected(session, found.id)
    targets = recipient_rules.checked_targets([*sent.targets, *earlier])
    return _picker(request, found, targets, FormState.of(q=sent.q, pasted=sent.pasted), q=sent.q)


def _state(form: Form, sent: Typed) -> FormState:
    """What was typed, without the pasted lines that were decided."""
    return FormState.of(
        q=sent.q,
        pasted=sent.pasted,
        purpose_new=sent.purpose.value,
        rule_name=form["rule_name"],
        places=form["places"],
        below=form.all("below"),
        kinds=form.all("kinds"),
        levels=form.all("levels"),
        **{"except": form["except"]},
    )


def _picker(
    request: Request,
    found: DocumentRead,
    targets: Sequence[Target],
    form: FormState,
    *,
    q: str,
    lines: Sequence[Line] = (),
    said: str = "",
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    at = clock.now()
    on = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        units = recipients.directory(session, on=on)
        meant = recipients.resolve(session, targets, agency_id=found.agency_id, on=on, known=units)
        kept = recipient_actions.groups_of(session, who=who)
        changes = recipients.changes(session, found.id, meant)
        left_out = corrections.left_out(session, found.id, meant)
        hits = _search(session, q, found, at=at) if q else ()
        present = {recipient_picker.key(target) for target in targets}
        groups_offered = _groups(session, units, found, present)
    tops = sorted(
        {unit.parent_id for unit in units.units.values() if unit.parent_id is not None}
        & set(units.units),
        key=lambda id_: units.units[id_].name,
    )
    return page(
        request,
        "documents/distribution.html",
        status=status,
        document=found,
        form=form,
        chosen=[
            (number, recipient_picker.key(line.target), line)
            for number, line in enumerate(meant.lines, start=1)
        ],
        meant=meant,
        groups=groups_offered,
        kept=[
            (group, recipient_picker.key(Target(rule=group.rule, name=group.name)))
            for group in kept
        ],
        hits=[hit for hit in hits if hit.key not in present],
        lines=list(enumerate(lines, start=1)),
        said=said,
        q=q,
        changes=changes,
        left_out=len(left_out),
        purposes=[(each.value, name) for each, name in PURPOSE_NAMES.items()],
        kinds=[
            (kind.value, UNIT_KIND_NAMES[kind]) for kind in UnitKind if kind is not UnitKind.OFFICE
        ],
        levels=[(level.value, name) for level, name in SCHOOL_LEVEL_NAMES.items()],
        tops=[(str(id_), units.units[id_].name) for id_ in tops],
    )


def _groups(
    session: Session, units: Directory, found: DocumentRead, present: set[str]
) -> list[Offer]:
    """The groups that mean anybody today and are not chosen yet."""
    offers = []
    for group in groups.GROUPS:
        target = Target(group_code=group.code)
        meant = recipients.resolve(
            session,
            [target],
            agency_id=found.agency_id,
            on=clock.civil_date(clock.now()),
            known=units,
        )
        offer = Offer(recipient_picker.key(target), group.name, f"{len(meant.units)} đơn vị")
        if meant.units and offer.key not in present:
            offers.append(offer)
    return offers


def _search(session: Session, q: str, found: DocumentRead, *, at: datetime) -> tuple[Offer, ...]:
    """Units, people in their positions and agencies outside, by name."""
    on = clock.civil_date(at)
    units = people.search_units(
        session,
        q,
        on=on,
        kinds=[kind for kind in UnitKind if kind is not UnitKind.OFFICE],
        limit=MOST_FOUND,
    )
    offers = [Offer(f"unit:{unit.id}", unit.name) for unit in units if unit.id != found.agency_id]
    for person in people.search_persons(session, q, limit=MOST_FOUND):
        held = people.appointments_of(session, person.id, at=at)
        offers += [
            Offer(f"person:{each.id}", f"{each.full_name}, {each.title}", each.unit_name)
            for each in held
            if each.kind is not PositionKind.OPERATOR
        ]
    return tuple(offers) + tuple(_outside(session, q, found))


def _outside(session: Session, q: str, found: DocumentRead) -> list[Offer]:
    return [
        Offer(f"outside:{each.id}", each.name, CHANNEL_NAMES[each.channel])
        for each in directory.of_agency(session, found.agency_id, words=q, limit=MOST_FOUND)
    ]


def _read(pasted: str, who: Principal) -> tuple[Line, ...]:
    """Each line of the list against all units and the directory."""
    if not pasted.strip():
        return ()
    with db.transaction(who.acting) as session:
        return recipients_pasted.read(pasted, known(session, who))


def known(session: Session, who: Principal) -> list[Known]:
    """Everybody whom a pasted line may name."""
    units = recipients.directory(session, on=clock.civil_date(clock.now()))
    found = [
        Known(
            f"unit:{unit.id}",
            unit.name,
            frozenset(each for each in (unit.code, unit.organ_id) if each),
        )
        for unit in units.units.values()
        if unit.kind is not UnitKind.OFFICE and unit.id != who.agency_id
    ]
    return found + [
        Known(
            f"outside:{each.id}",
            each.name,
            frozenset(one for one in (each.organ_id, each.email) if one),
        )
        for each in directory.listing(session, who=who)
    ]


def _exceptions(sent: Typed, who: Principal) -> tuple[list[UUID], list[str]]:
    """The units that a rule leaves out, and the lines that name none."""
    lines = _read(sent.exceptions, who)
    named = [
        UUID(line.found[0].key.removeprefix("unit:"))
        for line in lines
        if line.outcome is Outcome.FOUND and line.found[0].key.startswith("unit:")
    ]
    unclear = [
        line.text
        for line in lines
        if line.outcome is not Outcome.FOUND or not line.found[0].key.startswith("unit:")
    ]
    return named, unclear


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=directory.LONGEST_NAME)]
    channel: Channel
    organ_id: str = ""
    email: str = ""
    postal_address: str = ""


def _entry(form: Form) -> directory.Entry:
    sent = form.parse(Entered)
    return directory.Entry(sent.name, sent.channel, sent.organ_id, sent.email, sent.postal_address)


def _directory(
    request: Request, form: FormState, *, q: str = "", status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = directory.listing(session, who=who, words=q)
    return page(
        request,
        "documents/distribution_directory.html",
        status=status,
        section="documents",
        rows=rows,
        form=form,
        q=q,
        channels=[(each.value, name) for each, name in CHANNEL_NAMES.items()],
        channel_names=CHANNEL_NAMES,
        may_keep=PositionKind(who.position_kind) is PositionKind.CLERK,
    )


def _one(
    request: Request, found: directory.Organisation, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    directory.check_keeper(who)
    return page(
        request,
        "documents/distribution_organisation.html",
        status=status,
        section="documents",
        organisation=found,
        form=form,
        channels=[(each.value, name) for each, name in CHANNEL_NAMES.items()],
    )
