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
        "cosignatures",
        "approval_flow_steps",
        "audit_events",
        "calendar_days",
        "case_readers",
        "closed_summers",
        "sealed_data",
        "comment_answers",
        "comment_places",
        "corrections",
        "deadline_moves",
        "delivery_contents",
        "delivery_files",
        "desk_batches",
        "document_citations",
        "document_comments",
        "document_copies",
        "document_recipients",
        "guardians",
        "movements",
        "particulars_changes",
        "certificate_copies",
        "certificate_corrections",
        "diary_settings",
        "lesson_deletions",
        "page_codes",
        "enrolment_changes",
        "homeroom_notes",
        "timetables",
        "enrolment_rolls",
        "exchange_codes",
        "former_passwords",
        "former_units",
        "forwarding_recipients",
        "forwardings",
        "held_records",
        "import_faults",
        "imported_marks",
        "imported_sheets",
        "inspection_units",
        "issuance_people",
        "issuance_recipients",
        "issuances",
        "mark_changes",
        "metadata_changes",
        "point_addressees",
        "points",
        "reminder_rules",
        "scan_files",
        "signature_batch_pins",
        "signing_devices",
        "transferred_cases",
        "unit_successions",
        "withdrawals",
        "work_files",
        "work_log",
    }
)
#: Read and nothing else.
READ = frozenset(
    {
        "counted_books",
        "result_counts",
        "alerts",
        "archive_entries",
        "book_closing_volumes",
        "delivery_changes",
        "forwarded_answers",
        "mail_attachments",
        "merkle_nodes",
        "receipts",
        "scan_pages",
        "evidence_records",
        "head_timestamps",
        "published_heads",
        "witnesses",
        "renewed_contents",
        "stored_verdicts",
        "transfer_receipts",
        "tree_heads",
        "webhook_calls",
    }
)
#: Changed in these columns; read, and written anew unless the worker does that.
CHANGED = {
    "alert_addresses": {"confirmed_at", "ended_at", "timing", "tries"},
    "api_tokens": None,
    "appointments": None,
    "approval_flows": {"ended_at", "ended_by"},
    "arrival_books": {"closed_at", "closed_by", "last_number"},
    "arrivals": {
        "done_at",
        "done_by",
        "due_on",
        "outcome",
        "state",
        "submitted_at",
        "submitted_by",
        "taken_over_at",
        "taken_over_by",
        "unanswered_reason",
    },
    "assignments": {"due_on", "ended_at", "taken_at"},
    "attachments": {"signed_at", "signed_sha256", "signed_size_bytes"},
    "book_closings": {
        "clerk_id",
        "clerk_signed_at",
        "content_sha256",
        "head_capacity",
        "head_id",
        "head_signed_at",
        "page_count",
        "sealed_at",
        "sealed_by",
        "state",
        "state_since",
    },
    "closing_notes": {"capacity", "content_sha256", "signed_at", "signed_by"},
    "certificate_batches": {"struck_at", "struck_because", "struck_by"},
    "certificate_blanks": {"ended_on", "minutes", "state", "state_since"},
    "certificate_handovers": {"signature", "signed_on"},
    "certificate_kinds": {"replaced_at"},
    "certificates": {"ended_because", "ended_on", "state", "state_since"},
    "enrolment_lines": {
        "annulled_at",
        "annulled_because",
        "annulled_by",
        "came_from",
        "hometown",
        "note",
        "nationality",
        "pupil_id",
        "religion",
    },
    "graduations": {"annulled_at", "annulled_because", "annulled_by"},
    "move_lines": {"note", "papers", "papers_on", "papers_with"},
    "diary_bindings": {"is_sealed", "released_at"},
    "diary_months": {"text", "written_at", "written_by"},
    "diary_weeks": {
        "closed_at",
        "closed_by",
        "remark",
        "reopened_because",
        "reopened_by",
        "reopened_until",
    },
    "lessons": {
        "absent",
        "confirmed_at",
        "is_substitute",
        "plan_number",
        "rating",
        "remark",
        "subject_code",
        "teacher_id",
        "title",
        "written_at",
    },
    "roll_counters": {"last"},
    "copy_loans": {"returned_on", "returned_to", "struck_at", "struck_because", "struck_by"},
    "held_copies": {"asked_at", "state"},
    "holds": {"lifted_at", "lifted_because", "lifted_by"},
    "post_lines": {"receipt", "receipted_on", "struck_at", "struck_because", "struck_by"},
    "book_entries": {
        "annulled_at",
        "annulled_because",
        "copies",
        "document_id",
        "filed_with",
        "for_document_id",
        "issued_on",
        "notation",
        "note",
        "recipients",
        "sent_on",
        "signer_name",
        "subject",
        "taken_at",
        "taken_by",
        "type",
    },
    "books": {"closed_at", "closed_by", "last_number", "opening_number"},
    "calendar_feeds": {"ended_at"},
    "case_files": {
        "closed_at",
        "closed_by",
        "description",
        "is_restricted",
        "language",
        "maintenance",
        "maker_id",
        "rights",
        "rights_changed_at",
        "rights_changed_by",
        "rights_confirmed_at",
        "state",
        "title",
        "transfer_id",
    },
    "case_items": {"removed_at", "removed_because", "removed_by"},
    "case_transfers": {"answer", "answered_at", "answered_by", "state"},
    "class_locks": {"released_at", "stands_as"},
    "class_subjects": {"has_topics", "is_assigned", "regular_marks", "teacher_id"},
    "reassessment_choices": {"is_chosen", "recorded_at", "recorded_by"},
    "curriculum_subjects": {"replaced_at"},
    "assessment_terms": {"replaced_at"},
    "report_closing_deadlines": {"replaced_at"},
    "report_notes": {"text", "written_at", "written_by"},
    "report_part_signatures": {"capacity", "content_sha256", "signed_at", "signed_by"},
    "report_parts": {
        "closed_at",
        "closed_by",
        "content_sha256",
        "data_sha256",
        "is_reassessed",
        "page_count",
        "returned_because",
        "state",
        "state_since",
    },
    "report_rules": {"replaced_at"},
    "pupil_transfers": {"because", "cover_sha256", "receipt", "state", "state_since"},
    "register_copies": {"cancelled_because", "content_sha256", "state", "state_since"},
    "register_copy_counters": {"last"},
    "transfer_intakes": {
        "decided_at",
        "decided_by",
        "findings",
        "is_sound",
        "movement_id",
        "pupil_id",
        "received_at",
        "received_by",
        "refused_because",
        "state",
    },
    "report_withdrawals": {"decided_at", "decided_because", "decided_by", "is_granted"},
    "rule_sets_in_force": {"replaced_at"},
    "school_years": {
        "begins_on",
        "ends_on",
        "first_semester_ends_on",
        "recorded_at",
        "recorded_by",
        "second_semester_begins_on",
        "source",
    },
    "enrolments": {"from_on", "to_on"},
    "pupils": {
        "address",
        "birthplace",
        "born_on",
        "ethnicity",
        "father",
        "identity_id",
        "mother",
        "name",
        "permanent_address",
        "personal_id",
        "policy_group",
        "sex",
    },
    "teaching_periods": {"to_on"},
    "classes": {"homeroom_teacher_id", "specialised"},
    "conduct": {"level"},
    "delegations": None,
    "deliveries": {
        "arrival_number",
        "assigned_at",
        "description",
        "done_at",
        "language",
        "opened_at",
        "page_count",
        "refusal_reason",
        "refused_at",
        "registered_at",
        "signer_name",
        "signer_position",
        "state",
        "to_places",
        "work_began_at",
    },
    "delivery_points": {
        "begun_at",
        "done_at",
        "file_media_type",
        "file_name",
        "file_sha256",
        "file_size_bytes",
        "report",
        "reported_by",
    },
    "list_imports": {"accepted_at", "appointment_id", "failure", "sheets", "state"},
    "list_import_classes": {"homeroom_teacher_id", "refused", "taken_at"},
    "list_layouts": {"columns", "explained_at", "explained_by", "name"},
    "mark_layouts": {"explained_at", "explained_by", "mapping", "name"},
    "mark_locks": {"lifted_at", "lifted_because", "lifted_by"},
    "mark_unlocks": {"ended_at", "ended_by"},
    "marks": {"import_id", "score", "verdict"},
    "school_imports": {"accepted_at", "failure", "sheets", "sheets_read", "state"},
    "school_import_sheets": {
        "class_id",
        "column_letters",
        "is_skipped",
        "row_number",
        "semester",
        "subject_code",
        "unclear",
    },
    "desk_batch_items": {"ended_at", "said", "state"},
    "delivery_recalls": {"answer", "answered_at", "answered_by", "state"},
    "device_pairings": {"used_at"},
    "device_passes": {"used_at"},
    "document_flow_steps": {
        "asked",
        "content_sha256",
        "due_on",
        "ended_at",
        "ended_by",
        "in_place_of",
        "opened_at",
        "person_id",
        "position_id",
        "position_kind",
        "state",
        "unit_id",
        "words",
    },
    "document_versions": {
        "content_sha256",
        "created_by",
        "frozen_at",
        "page_count",
        "revision",
        "saved_at",
        "size_bytes",
        "text",
    },
    "document_writers": {"person_id", "since"},
    "documents": {
        "circulation",
        "description",
        "due_on",
        "express_at",
        "issued_amount",
        "issued_on",
        "language",
        "notation",
        "number",
        "secrecy",
        "signer_capacity",
        "signer_id",
        "state",
        "state_since",
        "subject",
        "urgency",
    },
    "draft_templates": {"kept_at", "kept_by", "name", "retired_at", "revision", "text", "type"},
    "exchange_messages": {"attempts", "ended_at", "failure", "next_try_at", "state"},
    "exchange_undelivered": {"ended_at", "ended_by"},
    "exchange_peers": {
        "address",
        "aliases",
        "changed_at",
        "gateway",
        "incoming_secret",
        "is_active",
        "name",
        "outgoing_secret",
        "requires_signature",
        "seal_secret",
        "signer_name",
        "system_id",
    },
    "family_slips": {
        "last_look_at",
        "last_wrong_at",
        "looks",
        "mailed_at",
        "renewals",
        "wrong_tries",
    },
    "book_corrections": {
        "decided_at",
        "decided_because",
        "decided_by",
        "new_gradebook_id",
        "state",
        "state_since",
    },
    "gradebook_signatures": {"capacity", "content_sha256", "signed_at", "signed_by"},
    "gradebooks": {
        "content_sha256",
        "data_sha256",
        "page_count",
        "returned_because",
        "state",
        "state_since",
    },
    "idempotency_keys": None,
    "inspections": {
        "decided_on",
        "decision_number",
        "ended_at",
        "ended_by",
        "inspector_id",
        "kinds",
        "school_years",
        "title",
        "valid_from",
        "valid_to",
    },
    "issuance_outside": {"sent_at", "sent_by", "sent_note"},
    "legal_texts": {"ended_at"},
    "mail_messages": {"delivery_id", "ended_at", "ended_by", "put_aside_reason", "state"},
    "mailboxes": {
        "changed_at",
        "failure",
        "folder",
        "host",
        "is_active",
        "last_uid",
        "password_name",
        "port",
        "security",
        "uid_validity",
        "user_name",
    },
    "mark_imports": {"accepted_at", "accepted_by", "refused", "state"},
    "notices": {"read_at"},
    "outside_organisations": {"channel", "email", "ended_at", "name", "organ_id", "postal_address"},
    "persons": None,
    "positions": None,
    "published_results": {"state", "state_since", "withdrawn_because"},
    "push_devices": {"ended_at", "timing"},
    "principal_remarks": {"text", "written_at", "written_by"},
    "recipient_groups": {"kept_at", "kept_by", "name", "rule"},
    "recipient_snapshots": {"taken_at", "unit_ids"},
    "recovery_codes": None,
    "reminders": {"read_at"},
    "saved_searches": {"query", "saved_at"},
    "search_columns": {"chosen_at", "columns"},
    "scans": {"delivery_id", "ended_at", "ended_by", "state"},
    "scheduled_issues": {"ended_at", "ended_by", "failure", "state"},
    "sessions": None,
    "sign_in_attempts": None,
    "signature_batch_items": {"ended_at", "said", "state"},
    "signature_batches": {"authorised_at"},
    "signature_images": {"decided_at", "decided_by", "ended_at", "refused_because", "state"},
    "signature_requests": {
        "expires_at",
        "failure",
        "finished_at",
        "next_try_at",
        "result_sha256",
        "state",
        "ticket",
        "tries",
        "trouble",
        "value",
    },
    "signing_keys": {"locked_until", "wrong_pins"},
    "staff_absences": {"ended_at"},
    "told_notices": {"read_at"},
    "totp": None,
    "traits": {"level"},
    "transfer_days": {"due_on", "noticed_at", "set_at", "set_by"},
    "units": None,
    "webhooks": {"ended_at"},
    "year_decisions": {"decided_at", "decided_by", "is_chosen", "outcome", "reason"},
}
#: Rows that come and go as a whole.
REMOVED = frozenset(
    {
        "absences",
        "attachments",
        "calendar_days",
        "case_readers",
        "corrections",
        "document_citations",
        "document_recipients",
        "exchange_codes",
        "former_passwords",
        "guardians",
        "inspection_units",
        "lessons",
        "list_layouts",
        "mark_layouts",
        "marks",
        "point_addressees",
        "points",
        "recipient_groups",
        "recovery_codes",
        "reminder_rules",
        "report_notes",
        "sessions",
        "signature_batch_pins",
        "totp",
        "saved_searches",
    }
)
#: Written by the worker alone.
NOT_WRITTEN = READ | {
    "delivery_points",
    "delivery_recalls",
    "exchange_undelivered",
    "mail_messages",
    "notices",
    "reminders",
    "signing_keys",
    "told_notices",
}


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


def test_the_web_process_never_reads_a_pin_that_it_kept(engine: Engine) -> None:
    assert rights(engine, "select")["signature_batch_pins"] == {"batch_id", "person_id"}


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
