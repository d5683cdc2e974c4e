"""The web application: the edges of all slices, wired once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import redis
import structlog
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from sqlalchemy import text

from eoffice import citing_pages, clock, db, outbox
from eoffice.alerts import http as alerts_http
from eoffice.alerts import pages as alerts_pages
from eoffice.archive import http as archive_http
from eoffice.archive import pages as archive_pages
from eoffice.audit import http as audit_http
from eoffice.audit import pages as audit_pages
from eoffice.classes import pages as classes_pages
from eoffice.classes.lists import http as class_lists_http
from eoffice.desk import http as desk_http
from eoffice.desk import pages as desk_pages
from eoffice.diaries import http as diaries_http
from eoffice.diaries import pages as diaries_pages
from eoffice.documents import http as documents_http
from eoffice.documents import pages as documents_pages
from eoffice.documents import queries as documents
from eoffice.documents.flows.handover import DocumentWork
from eoffice.exchange import http as exchange_http
from eoffice.exchange import office_http as exchange_office_http
from eoffice.exchange import pages as exchange_pages
from eoffice.extracts import http as extracts_http
from eoffice.extracts import pages as extracts_pages
from eoffice.extracts import queries as copy_queries
from eoffice.families import http as families_http
from eoffice.families import pages as families_pages
from eoffice.filing import closing_http, closing_queries
from eoffice.filing import http as filing_http
from eoffice.filing import pages as filing_pages
from eoffice.filing.handover_part import CaseWork
from eoffice.filing.holds import http as hold_http
from eoffice.filing.notes import http as note_http
from eoffice.filing.paper import http as paper_http
from eoffice.mailroom import http as mailroom_http
from eoffice.mailroom import pages as mailroom_pages
from eoffice.marks import http as marks_http
from eoffice.marks import pages as marks_pages
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import handover
from eoffice.people import http as people_http
from eoffice.people import pages as people_pages
from eoffice.people import queries as people
from eoffice.people.authentication import Authentication
from eoffice.reading import http as reading_http
from eoffice.reading import pages as reading_pages
from eoffice.registers import correction_queries as corrections
from eoffice.registers import data_pages as book_data_pages
from eoffice.registers import gradebook_queries as gradebooks
from eoffice.registers import http as registers_http
from eoffice.registers import pages as registers_pages
from eoffice.registers import pupil_http
from eoffice.reports import class_queries as report_classes
from eoffice.reports import data_pages as report_data_pages
from eoffice.reports import http as reports_http
from eoffice.reports import note_pages as report_notes
from eoffice.reports import pages as reports_pages
from eoffice.reports import withdrawal_queries
from eoffice.rolls import http as rolls_http
from eoffice.rolls import pages as rolls_pages
from eoffice.routing import http as routing_http
from eoffice.routing import pages as routing_pages
from eoffice.routing import queries as routing
from eoffice.routing.handover_part import ArrivalWork
from eoffice.search import http as search_http
from eoffice.search import pages as search_pages
from eoffice.search import period_pages as search_period_pages
from eoffice.settings import settings
from eoffice.signing import http as signing_http
from eoffice.signing import opened_keys
from eoffice.signing import pages as signing_pages
from eoffice.signing.devices import http as device_http
from eoffice.signing.devices import pages as device_pages
from eoffice.signing.images import http as image_http
from eoffice.signing.images import pages as image_pages
from eoffice.signing.requests import http as request_http
from eoffice.signing.requests import pages as request_pages
from eoffice.statistics import http as statistics_http
from eoffice.statistics import outcome_pages, yearly_pages
from eoffice.statistics import pages as statistics_pages
from eoffice.transfers import http as transfers_http
from eoffice.transfers import pages as transfers_pages
from eoffice.transfers import waiting as transfers_waiting
from eoffice.transparency import http as transparency_http
from eoffice.verification import http as verification_http
from eoffice.verification import pages as verification_pages
from eoffice.web import application
from eoffice.web.principal import Principal
from eoffice.web.site import ActingChoice, Around

#: The JSON interface and the pages of each slice, in the order of the slices.
ROUTES = (
    desk_pages.pages,
    desk_http.router,
    search_http.router,
    search_pages.pages,
    search_period_pages.pages,
    citing_pages.pages,
    citing_pages.router,
    reading_http.router,
    reading_pages.pages,
    people_http.router,
    people_pages.pages,
    audit_http.router,
    audit_pages.pages,
    transparency_http.router,
    transparency_http.witnesses,
    documents_http.router,
    documents_pages.pages,
    signing_http.router,
    image_http.router,
    image_pages.pages,
    request_http.router,
    request_pages.pages,
    device_http.router,
    device_pages.pages,
    signing_pages.pages,
    routing_http.router,
    routing_pages.pages,
    exchange_http.router,
    exchange_office_http.router,
    exchange_pages.pages,
    mailroom_http.router,
    mailroom_pages.pages,
    filing_http.router,
    closing_http.router,
    note_http.router,
    hold_http.router,
    paper_http.router,
    filing_pages.pages,
    registers_http.router,
    pupil_http.router,
    registers_pages.pages,
    book_data_pages.pages,
    book_data_pages.router,
    report_notes.router,
    reports_http.router,
    reports_http.withdrawals,
    report_notes.pages,
    reports_pages.pages,
    report_data_pages.pages,
    report_data_pages.router,
    transfers_http.router,
    transfers_pages.pages,
    extracts_http.router,
    extracts_pages.pages,
    diaries_http.router,
    diaries_pages.pages,
    rolls_http.router,
    rolls_pages.pages,
    class_lists_http.router,
    classes_pages.pages,
    marks_http.router,
    marks_pages.pages,
    families_http.router,
    statistics_http.router,
    yearly_pages.router,
    statistics_pages.pages,
    yearly_pages.pages,
    outcome_pages.router,
    outcome_pages.pages,
    families_pages.pages,
    archive_http.router,
    archive_pages.pages,
    verification_http.router,
    verification_pages.pages,
    alerts_http.router,
    alerts_http.feeds,
    alerts_pages.pages,
)


def make() -> Litestar:
    """The application of this process, by its settings.

    Handlers are synchronous and run in as many threads as there are database connections.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    set_asyncio_executor(ThreadPoolExecutor(settings().web_threads, "handler"))
    handover.use(DocumentWork(), ArrivalWork(), CaseWork())
    return application.make(
        ROUTES,
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
        around=around,
        probes={"database": _ask_database, "broker": _ask_broker, "store": _ask_store},
        outbox_depth=_outbox_depth,
    )


def around(who: Principal) -> Around:
    """What the frame of every page shows besides the page: what awaits this person."""
    at = clock.now()
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        incoming = routing.waiting_for(session, who, at).total
        outgoing = documents.count_awaiting(session, who)
        books = len(gradebooks.awaiting(session, who))
        decisions = len(corrections.awaiting(session, who))
        # Report books of one class are one thing to do.
        reports = len(report_classes.awaiting(session, who))
        reports += withdrawal_queries.to_decide(session, who)
        reports += len(copy_queries.awaiting(session, who))
        reports += len(transfers_waiting.lines(session, who, at=at))
        closings = len(closing_queries.awaiting(session, who=who, at=at))
        held = people.appointments_of(session, who.person_id, at=at)
        key_is_elsewhere = opened_keys.any_elsewhere(session, who)
    return Around(
        awaiting={
            "desk": incoming + outgoing + books + decisions + reports + closings,
            "incoming": incoming,
            "documents": outgoing,
            "registers": books + decisions + reports,
        },
        key_is_elsewhere=key_is_elsewhere,
        positions=tuple(ActingChoice(each.id, each.title, each.unit_name) for each in held),
    )


def _ask_database() -> None:
    with db.transaction(None) as session:
        session.execute(text("select 1"))


def _ask_broker() -> None:
    with redis.Redis.from_url(settings().broker_url, socket_timeout=2) as broker:
        broker.ping()


def _ask_store() -> None:
    configured.store().exists(Sha256.of(b""))


def _outbox_depth() -> Mapping[str, int]:
    with db.transaction(None) as session:
        return outbox.depth(session)
