"""Classes, marks, gradebooks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Every table of the slice, those that others point to first.
TABLES = (
    "classes",
    "pupils",
    "enrolments",
    "class_subjects",
    "mark_imports",
    "marks",
    "conduct",
    "absences",
    "principal_remarks",
    "imported_sheets",
    "imported_marks",
    "import_faults",
    "gradebooks",
    "gradebook_signatures",
)
#: A cell that became empty, an absence that was entered by mistake; all else stays for ever.
REMOVABLE = ("marks", "absences")
#: What was uploaded is never changed.
RECORDS = ("imported_sheets", "imported_marks", "import_faults")


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("homeroom_teacher_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("school_year ~ '^\\d{4}-\\d{4}$'", name="school_year"),
        sa.CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
        sa.ForeignKeyConstraint(
            ["homeroom_teacher_id"], ["persons.id"], name="fk_classes_homeroom_teacher_id"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_classes_school_id"),
        sa.PrimaryKeyConstraint("id", name="pk_classes"),
        sa.UniqueConstraint("school_id", "school_year", "name", name="uq_classes_school_id"),
    )
    op.create_index(
        "ix_classes_homeroom_teacher_id", "classes", ["homeroom_teacher_id"], unique=False
    )
    op.create_table(
        "pupils",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("birthplace", sa.Text(), nullable=False),
        sa.Column("ethnicity", sa.Text(), nullable=False),
        sa.Column("policy_group", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("father", sa.Text(), nullable=False),
        sa.Column("mother", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_pupils_school_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pupils"),
        sa.UniqueConstraint("school_id", "code", name="uq_pupils_school_id"),
    )
    op.create_table(
        "enrolments",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_enrolments_class_id"),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name="fk_enrolments_pupil_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_enrolments_school_id"),
        sa.PrimaryKeyConstraint("class_id", "pupil_id", name="pk_enrolments"),
        sa.UniqueConstraint("class_id", "ordinal", name="uq_enrolments_class_id"),
    )
    op.create_index("ix_enrolments_pupil_id", "enrolments", ["pupil_id"], unique=False)
    op.create_table(
        "class_subjects",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("periods_per_year", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('scored', 'comment')", name="kind"),
        sa.CheckConstraint("periods_per_year > 0", name="periods"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_class_subjects_class_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_class_subjects_school_id"),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["persons.id"], name="fk_class_subjects_teacher_id"
        ),
        sa.PrimaryKeyConstraint("class_id", "code", name="pk_class_subjects"),
        sa.UniqueConstraint("class_id", "ordinal", name="uq_class_subjects_class_id"),
    )
    op.create_index("ix_class_subjects_teacher_id", "class_subjects", ["teacher_id"], unique=False)
    op.create_table(
        "mark_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL) AND (accepted_at IS NULL) = (accepted_by IS NULL)",
            name="accepted",
        ),
        sa.CheckConstraint("state IN ('faulty', 'ready', 'accepted')", name="state"),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["persons.id"], name="fk_mark_imports_accepted_by"
        ),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_mark_imports_class_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_mark_imports_school_id"),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["persons.id"], name="fk_mark_imports_uploaded_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mark_imports"),
    )
    op.create_index(
        "ix_mark_imports_class", "mark_imports", ["class_id", "uploaded_at"], unique=False
    )
    op.create_table(
        "marks",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("subject_code", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("part IN ('regular', 'midterm', 'final')", name="part"),
        sa.CheckConstraint("semester IN ('1', '2')", name="semester"),
        sa.CheckConstraint("verdict IN ('passed', 'failed', 'exempt')", name="verdict"),
        sa.CheckConstraint("(score IS NULL) <> (verdict IS NULL)", name="one_value"),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="in_scale"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_marks_class_id"),
        sa.ForeignKeyConstraint(["import_id"], ["mark_imports.id"], name="fk_marks_import_id"),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name="fk_marks_pupil_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_marks_school_id"),
        sa.PrimaryKeyConstraint(
            "class_id", "pupil_id", "subject_code", "semester", "part", "place", name="pk_marks"
        ),
    )
    op.create_table(
        "conduct",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('good', 'fair', 'achieved', 'not_achieved')", name="level"),
        sa.CheckConstraint("semester IN ('1', '2')", name="semester"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_conduct_class_id"),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name="fk_conduct_pupil_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_conduct_school_id"),
        sa.PrimaryKeyConstraint("class_id", "pupil_id", "semester", name="pk_conduct"),
    )
    op.create_table(
        "absences",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("absent_on", sa.Date(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.CheckConstraint("session IN ('morning', 'afternoon')", name="session"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_absences_class_id"),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name="fk_absences_pupil_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_absences_school_id"),
        sa.PrimaryKeyConstraint("class_id", "pupil_id", "absent_on", "session", name="pk_absences"),
    )
    op.create_table(
        "principal_remarks",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_principal_remarks_class_id"),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_principal_remarks_school_id"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["persons.id"], name="fk_principal_remarks_written_by"
        ),
        sa.PrimaryKeyConstraint("class_id", "month", name="pk_principal_remarks"),
    )
    op.create_table(
        "imported_sheets",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_code", sa.Text(), nullable=True),
        sa.Column("semester", sa.Text(), nullable=True),
        sa.CheckConstraint("semester IN ('1', '2')", name="semester"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["mark_imports.id"], name="fk_imported_sheets_import_id"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_imported_sheets_school_id"),
        sa.PrimaryKeyConstraint("import_id", "ordinal", name="pk_imported_sheets"),
    )
    op.create_table(
        "imported_marks",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_ordinal", sa.Integer(), nullable=False),
        sa.Column("pupil_code", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.CheckConstraint("part IN ('regular', 'midterm', 'final')", name="part"),
        sa.CheckConstraint("verdict IN ('passed', 'failed', 'exempt')", name="verdict"),
        sa.CheckConstraint("(score IS NULL) <> (verdict IS NULL)", name="one_value"),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="in_scale"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["mark_imports.id"], name="fk_imported_marks_import_id"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_imported_marks_school_id"),
        sa.PrimaryKeyConstraint(
            "import_id", "sheet_ordinal", "pupil_code", "part", "place", name="pk_imported_marks"
        ),
    )
    op.create_table(
        "import_faults",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_letters", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('header_not_found', 'sheet_twice', 'column_missing', 'column_twice', 'column_unknown', 'class_differs', 'school_year_differs', 'subject_unknown', 'semester_unknown', 'pupil_missing', 'pupil_unknown', 'pupil_twice', 'pupil_ambiguous', 'name_differs', 'birth_date_differs', 'out_of_range', 'decimal_comma', 'too_precise', 'not_a_mark', 'is_a_date', 'not_calculated', 'too_many_marks', 'marks_empty', 'average_differs')",
            name="kind",
        ),
        sa.CheckConstraint("severity IN ('error', 'warning')", name="severity"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["mark_imports.id"], name="fk_import_faults_import_id"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_import_faults_school_id"),
        sa.PrimaryKeyConstraint("import_id", "ordinal", name="pk_import_faults"),
    )
    op.create_table(
        "gradebooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=True),
        sa.Column("data_sha256", sa.Text(), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("returned_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('rendering', 'awaiting_teachers', 'awaiting_homeroom', 'awaiting_principal', 'awaiting_seal', 'closed', 'returned')",
            name="state",
        ),
        sa.CheckConstraint(
            "state IN ('rendering', 'returned') OR content_sha256 IS NOT NULL",
            name="has_content",
        ),
        sa.CheckConstraint(
            "(content_sha256 IS NULL) = (data_sha256 IS NULL) AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_gradebooks_class_id"),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["persons.id"], name="fk_gradebooks_requested_by"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name="fk_gradebooks_school_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gradebooks"),
        sa.UniqueConstraint("class_id", "version", name="uq_gradebooks_class_id"),
    )
    op.create_index(
        "uq_gradebooks_binding",
        "gradebooks",
        ["class_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'returned'"),
    )
    op.create_table(
        "gradebook_signatures",
        sa.Column("gradebook_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_code", sa.Text(), nullable=True),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('subject', 'homeroom', 'principal', 'seal')",
            name="kind",
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (content_sha256 IS NULL)",
            name="signed",
        ),
        sa.ForeignKeyConstraint(
            ["gradebook_id"], ["gradebooks.id"], name="fk_gradebook_signatures_gradebook_id"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["units.id"], name="fk_gradebook_signatures_school_id"
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["persons.id"], name="fk_gradebook_signatures_signed_by"
        ),
        sa.ForeignKeyConstraint(
            ["signer_id"], ["persons.id"], name="fk_gradebook_signatures_signer_id"
        ),
        sa.PrimaryKeyConstraint("gradebook_id", "field", name="pk_gradebook_signatures"),
    )
    op.create_index(
        "ix_gradebook_signatures_signer_id", "gradebook_signatures", ["signer_id"], unique=False
    )
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        # The school keeps its registers; whoever stands above it reads them and never writes.
        op.execute(
            f"create policy school on {table}"
            " using (school_id = app_agency()) with check (school_id = app_agency())"
        )
        op.execute(
            f"create policy superior on {table} for select"
            " using (is_within(school_id, app_agency()))"
        )
        rights = "select, insert" if table in RECORDS else "select, insert, update"
        if table in REMOVABLE:
            rights += ", delete"
        op.execute(f"grant {rights} on {table} to eoffice_app")
        op.execute(f"grant {rights} on {table} to eoffice_worker")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
