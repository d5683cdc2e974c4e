"""What the roles of the database may do: no more than their process needs, on any table.

The table below is the whole of it for the web process. Whoever adds a table or a right adds it
here, and says by that what the web process may do with it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.documents.test_actions import Story

#: Read and write new rows; change nothing, take nothing away.
RECORDS = frozenset(
    {
        "absences",
        "answers",
        "attachments",
        "audit_events",
        "document_comments",
        "document_recipients",
        "enrolments",
        "former_passwords",
        "former_units",
        "import_faults",
        "imported_marks",
        "imported_sheets",
        "inspection_units",
        "corrections",
        "issuance_people",
        "issuance_recipients",
        "issuances",
        "marks",
        "pupils",
        "unit_successions",
        "withdrawals",
        "work_log",
    }
)
#: Read and nothing else.
READ = frozenset({"archive_entries", "delivery_files", "merkle_nodes", "tree_heads"})
#: Changed in these columns; read, and written anew unless the worker does that.
CHANGED = {
    "api_tokens": None,
    "appointments": None,
    "arrival_books": {"last_number"},
    "arrivals": {
        "state",
        "submitted_at",
        "submitted_by",
        "due_on",
        "done_at",
        "done_by",
        "outcome",
    },
    "assignments": {"taken_at", "ended_at"},
    "book_entries": {"annulled_at", "annulled_because"},
    "books": {"opening_number", "last_number"},
    "class_subjects": {"teacher_id"},
    "classes": {"homeroom_teacher_id"},
    "conduct": {"level"},
    "delegations": None,
    "deliveries": {
        "state",
        "opened_at",
        "registered_at",
        "arrival_number",
        "refused_at",
        "refusal_reason",
        "assigned_at",
        "work_began_at",
        "done_at",
    },
    "document_versions": {
        "text",
        "revision",
        "content_sha256",
        "size_bytes",
        "page_count",
        "saved_at",
        "frozen_at",
    },
    "documents": {
        "subject",
        "urgency",
        "state",
        "due_on",
        "state_since",
        "number",
        "notation",
        "issued_on",
        "signer_id",
        "signer_capacity",
    },
    "delivery_recalls": {"state", "answered_at", "answered_by", "answer"},
    "issuance_outside": {"sent_at", "sent_by", "sent_note"},
    "outside_organisations": {
        "name",
        "organ_id",
        "channel",
        "email",
        "postal_address",
        "ended_at",
    },
    "recipient_groups": {"name", "rule", "kept_by", "kept_at"},
    "recipient_snapshots": {"unit_ids", "taken_at"},
    "scheduled_issues": {"state", "ended_at", "ended_by", "failure"},
    "gradebook_signatures": {"signed_by", "signed_at", "capacity", "content_sha256"},
    "gradebooks": {
        "state",
        "state_since",
        "content_sha256",
        "data_sha256",
        "page_count",
        "returned_because",
    },
    "idempotency_keys": None,
    "inspections": {
        "decision_number",
        "decided_on",
        "title",
        "inspector_id",
        "kinds",
        "school_years",
        "valid_from",
        "valid_to",
        "ended_at",
        "ended_by",
    },
    "mark_imports": {"state", "accepted_by", "accepted_at"},
    "notices": {"read_at"},
    "persons": None,
    "positions": None,
    "principal_remarks": {"text", "written_by", "written_at"},
    "recovery_codes": None,
    "sessions": None,
    "sign_in_attempts": None,
    "signature_requests": {"state", "finished_at", "result_sha256", "failure"},
    "signing_keys": {"wrong_pins", "locked_until"},
    "totp": None,
    "units": None,
}
#: Rows that come and go as a whole.
REMOVED = frozenset(
    {
        "absences",
        "attachments",
        "corrections",
        "document_recipients",
        "former_passwords",
        "inspection_units",
        "marks",
        "recipient_groups",
        "recovery_codes",
        "sessions",
        "totp",
    }
)
#: Written by the worker alone.
NOT_WRITTEN = READ | {"deliveries", "delivery_recalls", "notices", "signing_keys"}


def rights(engine: Engine, kind: str) -> dict[str, set[str]]:
    """Table -> columns of it on which the web process has a right."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with engine.connect() as connection:
        for table, column in connection.execute(
            text(
                "select c.relname, a.attname from pg_class c"
                " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
                " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm')"
                " and not a.attisdropped"
                " and has_column_privilege('eoffice_app', c.oid, a.attnum, :kind)"
            ),
            {"kind": kind},
        ):
            found[table].add(column)
    return dict(found)


def removable(engine: Engine, kind: str) -> set[str]:
    with engine.connect() as connection:
        return set(
            connection.scalars(
                text(
                    "select relname from pg_class where relkind = 'r'"
                    " and relnamespace = 'public'::regnamespace"
                    " and has_table_privilege('eoffice_app', oid, :kind)"
                ),
                {"kind": kind},
            )
        )


def test_the_web_process_changes_only_these_columns(engine: Engine) -> None:
    every = rights(engine, "select")
    assert rights(engine, "update") == {
        table: every[table] if columns is None else columns for table, columns in CHANGED.items()
    }


def test_the_web_process_writes_only_to_these_tables(engine: Engine) -> None:
    assert set(rights(engine, "insert")) == RECORDS | (set(CHANGED) - NOT_WRITTEN) | {"outbox"}


def test_the_web_process_takes_rows_only_out_of_these_tables(engine: Engine) -> None:
    assert removable(engine, "delete") == REMOVED
    assert removable(engine, "truncate") == removable(engine, "trigger") == set()


def test_the_web_process_reads_only_these_tables_and_of_promises_only_how_far_they_are(
    engine: Engine,
) -> None:
    read = rights(engine, "select")
    assert read.pop("outbox") == {"state"}
    assert set(read) == RECORDS | READ | set(CHANGED)


def test_neither_role_owns_anything_or_makes_anything(engine: Engine) -> None:
    with engine.connect() as connection:
        owned = connection.scalars(
            text(
                "select relname from pg_class where pg_get_userbyid(relowner)"
                " in ('eoffice_app', 'eoffice_worker')"
            )
        ).all()
        may_make = connection.execute(
            text(
                "select has_schema_privilege(role, 'public', 'create'),"
                " has_database_privilege(role, current_database(), 'create, temporary')"
                " from unnest(array['eoffice_app', 'eoffice_worker']) role"
            )
        ).all()
    assert owned == []
    assert {bool(right) for row in may_make for right in row} == {False}


def test_functions_of_the_owner_are_for_the_two_roles_and_not_for_everybody(
    engine: Engine,
) -> None:
    with engine.connect() as connection:
        open_to_all = connection.scalars(
            text(
                "select proname from pg_proc where prosecdef"
                " and pronamespace = 'public'::regnamespace"
                " and has_function_privilege('public', oid, 'execute')"
            )
        ).all()
    assert open_to_all == []


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set action = 'x'",
        "delete from audit_events",
        "update book_entries set number = number + 1",
        "update book_entries set document_id = gen_random_uuid()",
        "delete from book_entries",
        "update issuances set content_sha256 = 'x'",
        "delete from issuances",
        "update documents set agency_id = drafting_unit_id",
        "update documents set created_by = gen_random_uuid()",
        "update signature_requests set to_be_signed_sha256 = 'x'",
        "update outbox set state = 'kept'",
        "select payload from outbox",
    ],
)
def test_what_is_on_record_refuses_to_be_rewritten(
    session: Session, cast: Cast, at: datetime, statement: str
) -> None:
    Story(session, cast, at).until("issue")
    with web_role(session, cast.clerk):
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.parametrize("role", ["eoffice_app", "eoffice_worker", "eoffice_owner"])
def test_a_page_that_was_handed_on_is_never_replaced_by_anybody(
    session: Session, cast: Cast, at: datetime, role: str
) -> None:
    Story(session, cast, at).until("submit")
    with web_role(session, cast.specialist):
        session.execute(text(f"set local role {role}"))
        with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
            session.execute(
                text(
                    "update document_versions set content_sha256 = 'x' where frozen_at is not null"
                )
            )


def test_answers_that_were_kept_are_shown_to_their_person_alone(
    session: Session, cast: Cast, at: datetime
) -> None:
    with web_role(session, cast.clerk):
        session.execute(
            text(
                "insert into idempotency_keys values (:person, 'a-key', 'POST', '/', 'x', 200,"
                " 'application/json', null, 'secret', :at)"
            ),
            {"person": cast.clerk.person_id, "at": at},
        )
        assert session.scalar(text("select count(*) from idempotency_keys")) == 1
    with web_role(session, cast.director):
        assert session.scalar(text("select count(*) from idempotency_keys")) == 0
    with web_role(session, cast.director):
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            session.execute(
                text(
                    "insert into idempotency_keys values (:person, 'other', 'POST', '/', 'x', 200,"
                    " 'application/json', null, 'secret', :at)"
                ),
                {"person": cast.clerk.person_id, "at": at},
            )
