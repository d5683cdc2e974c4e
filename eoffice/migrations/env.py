"""Runs the revisions as the owner role, one transaction for all, behind an advisory lock."""

from __future__ import annotations

import importlib
import importlib.util

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from eoffice.db import Base

SLICES = (
    "audit",
    "people",
    "documents",
    "signing",
    "routing",
    "classes",
    "marks",
    "diaries",
    "rolls",
    "registers",
    "reports",
    "archive",
    "mailroom",
    "exchange",
    "alerts",
    "families",
    "statistics",
    "extracts",
    "transfers",
    "search",
    "transparency",
)
FURTHER = (
    "eoffice.outbox",
    "eoffice.web.idempotency",
    "eoffice.printing.page_code_model",
    "eoffice.archive.verification_model",
    "eoffice.documents.drafts.quoting_model",
    "eoffice.documents.metadata.model",
    "eoffice.documents.recipients.model",
    "eoffice.filing.closing_model",
    "eoffice.filing.case_model",
    "eoffice.filing.transfer_model",
    "eoffice.filing.holds.model",
    "eoffice.filing.paper.model",
    "eoffice.alerts.push_model",
    "eoffice.signing.devices.model",
    "eoffice.marks.import_model",
    "eoffice.marks.keeping_model",
    "eoffice.marks.year_model",
    "eoffice.routing.recall_model",
    "eoffice.routing.change_model",
    "eoffice.exchange.undelivered_model",
    "eoffice.documents.flows.model",
    "eoffice.people.substitution_model",
    "eoffice.routing.work_model",
    "eoffice.desk.model",
    "eoffice.signing.batches.model",
    "eoffice.signing.images.model",
    "eoffice.signing.sealed_data.model",
    "eoffice.classes.lists.model",
    "eoffice.classes.pupil_model",
    "eoffice.classes.year_model",
    "eoffice.rolls.certificate_model",
    "eoffice.reports.note_model",
)
for name in (*FURTHER, *(f"eoffice.{s}.model" for s in SLICES)):
    if importlib.util.find_spec(name.rpartition(".")[0]) and importlib.util.find_spec(name):
        importlib.import_module(name)

#: Any constant will do, as long as every migration of this database takes the same one.
LOCK = 7102018

with create_engine(context.config.attributes["url"], poolclass=NullPool).connect() as connection:
    connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(
        connection=connection, target_metadata=Base.metadata, compare_server_default=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
