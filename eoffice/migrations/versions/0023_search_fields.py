"""More by which a document is found: deadline, pages, language, recipients; and in other orders.

Besides its words an entry has marks, lexemes that no text can give because of their "=": of its
type, urgency, state and unit, and each word of its language and of its recipients. So that one
GIN index answers any of them together with words, however rare it is.
"""

import importlib

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: Whatever has no number or no deadline stands behind everything that has one.
TABLES = """
alter table search_entries
  add column number_key integer not null default 2147483647,
  add column due_key date not null default '9999-12-31',
  add column pages integer not null default 0;
create index ix_search_entries_number on search_entries (agency_id, kind, number_key, source_id);
create index ix_search_entries_due on search_entries (agency_id, kind, due_key, source_id);

create table search_columns (
  person_id uuid constraint pk_search_columns primary key
    constraint fk_search_columns_person_id references persons,
  columns text not null,
  chosen_at timestamptz not null
);
alter table search_columns enable row level security;
create policy own on search_columns
  using (person_id = app_person()) with check (person_id = app_person());
grant select, insert on search_columns to eoffice_app;
grant update (columns, chosen_at) on search_columns to eoffice_app;
grant select on search_columns to eoffice_worker;
"""

#: Language and description of an outgoing document are columns of a later revision: they are
#: read by name, where they are there.
REFRESH = """
create function search_marks(mark text, said text) returns tsvector
  language sql immutable parallel safe set search_path = pg_catalog
  as $$
    select coalesce(array_to_tsvector(array_agg(mark || '=' || word)), ''::tsvector)
      from unnest(tsvector_to_array(public.vn_tsv(said))) word
  $$;
create function search_mark(mark text, value text) returns tsvector
  language sql immutable parallel safe set search_path = pg_catalog
  as $$
    select case when value is null then ''::tsvector
      else array_to_tsvector(array[mark || '=' || value]) end
  $$;
create function search_number(said text) returns integer
  language sql immutable parallel safe set search_path = pg_catalog
  as $$ select coalesce(substring(said from '^[0-9]{1,9}')::integer, 2147483647) $$;

-- To whom it goes as chosen, and once it was issued, whom it went to.
create function search_recipients_of(document uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select concat_ws(' ',
      (select string_agg(concat_ws(' ', u.name, r.rule_name, p.full_name, o.name), ' ')
         from public.document_recipients r
         left join public.units u on u.id = r.unit_id
         left join public.appointments a on a.id = r.appointment_id
         left join public.persons p on p.id = a.person_id
         left join public.outside_organisations o on o.id = r.organisation_id
        where r.document_id = document),
      (select string_agg(concat_ws(' ', u.name, i.named_by, i.addressees), ' ')
         from public.issuance_recipients i join public.units u on u.id = i.unit_id
        where i.document_id = document))
  $$;

create or replace function search_refresh_document(document uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, number_key, due_key, pages,
       tsv)
    select 'outgoing', d.id, d.agency_id,
      coalesce(d.issued_on, (d.created_at at time zone 'Asia/Ho_Chi_Minh')::date),
      d.type, d.urgency, d.state, d.drafting_unit_id,
      coalesce(d.number, 2147483647), coalesce(d.due_on, date '9999-12-31'),
      coalesce((select v.page_count from public.document_versions v
                 where v.document_id = d.id and v.page_count is not null
                 order by v.ordinal desc limit 1), 0),
      setweight(public.vn_tsv(concat_ws(' ', public.search_type_name(d.type),
        d.number::text || '/' || d.notation, d.subject)), 'A')
      || setweight(public.vn_tsv(unit.name), 'B')
      || setweight(public.vn_tsv(concat_ws(' ', signer.full_name, d.signer_capacity)), 'C')
      || public.vn_tsv(concat_ws(' ', writer.full_name, to_jsonb(d) ->> 'description',
           (select string_agg(a.name, ' ') from public.attachments a where a.document_id = d.id),
           public.search_words_of(d.id)))
      || public.search_mark('type', d.type) || public.search_mark('urgency', d.urgency)
      || public.search_mark('state', d.state)
      || public.search_mark('unit', d.drafting_unit_id::text)
      || public.search_marks('lang', coalesce(to_jsonb(d) ->> 'language', 'Tiếng Việt'))
      || public.search_marks('to', public.search_recipients_of(d.id))
    from public.documents d
    join public.units unit on unit.id = d.drafting_unit_id
    join public.persons writer on writer.id = d.created_by
    left join public.persons signer on signer.id = d.signer_id
    where d.id = document
    on conflict (kind, source_id) do update set
      agency_id = excluded.agency_id, day = excluded.day, type = excluded.type,
      urgency = excluded.urgency, state = excluded.state, unit_id = excluded.unit_id,
      number_key = excluded.number_key, due_key = excluded.due_key, pages = excluded.pages,
      tsv = excluded.tsv
  $$;

create or replace function search_refresh_delivery(delivery uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, number_key, due_key, pages,
       tsv)
    select 'incoming', d.id, d.recipient_agency_id, d.issued_on,
      d.document_type, d.urgency, d.state, null,
      coalesce(d.arrival_number, 2147483647),
      coalesce((select a.due_on from public.arrivals a where a.delivery_id = d.id), d.due_on,
        date '9999-12-31'),
      d.page_count,
      setweight(public.vn_tsv(concat_ws(' ',
        coalesce(d.type_name, public.search_type_name(d.document_type)),
        concat_ws('/', d.number, d.notation), d.subject, d.arrival_number)), 'A')
      || setweight(public.vn_tsv(concat_ws(' ', d.sender_name, d.forwarded_by_name)), 'B')
      || setweight(public.vn_tsv(concat_ws(' ', d.signer_name, d.signer_position)), 'C')
      || public.search_mark('type', d.document_type) || public.search_mark('urgency', d.urgency)
      || public.search_mark('state', d.state)
      || public.search_marks('lang', coalesce(d.language, 'Tiếng Việt'))
      || case when d.opened_at is null or d.state = 'recalled' then ''::tsvector
         else public.vn_tsv(concat_ws(' ', d.description, d.to_places, d.addressees,
           d.covering_instruction,
           (select string_agg(f.name, ' ') from public.delivery_files f
             where f.delivery_id = d.id),
           (select left(c.text, 300000) from public.delivery_contents c
             where c.delivery_id = d.id),
           case when d.document_id is not null then public.search_words_of(d.document_id) end))
           || public.search_marks('to', concat_ws(' ', d.to_places, d.addressees))
         end
    from public.deliveries d
    where d.id = delivery
    on conflict (kind, source_id) do update set
      agency_id = excluded.agency_id, day = excluded.day, type = excluded.type,
      urgency = excluded.urgency, state = excluded.state, number_key = excluded.number_key,
      due_key = excluded.due_key, pages = excluded.pages, tsv = excluded.tsv
  $$;

create or replace function search_refresh_case_file(case_file uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, number_key, tsv)
    select 'case_file', f.id, f.agency_id,
      (f.planned_at at time zone 'Asia/Ho_Chi_Minh')::date, null, null, f.state, f.unit_id,
      public.search_number(f.notation),
      setweight(public.vn_tsv(concat_ws(' ', f.notation, f.year, f.title)), 'A')
      || setweight(public.vn_tsv(unit.name), 'B')
      || public.vn_tsv(concat_ws(' ', f.description, f.maintenance, maker.full_name))
      || public.search_mark('state', f.state) || public.search_mark('unit', f.unit_id::text)
      || public.search_marks('lang', f.language)
    from public.case_files f
    join public.units unit on unit.id = f.unit_id
    join public.persons maker on maker.id = f.maker_id
    where f.id = case_file
    on conflict (kind, source_id) do update set
      day = excluded.day, state = excluded.state, unit_id = excluded.unit_id,
      number_key = excluded.number_key, tsv = excluded.tsv
  $$;

create function search_keep_deadline() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
  begin
    perform public.search_refresh_delivery(new.delivery_id);
    return null;
  end $$;
-- Once for all recipients of a statement: a dispatch may go to a thousand.
create function search_keep_recipients() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
  begin
    perform public.search_refresh_document(d.document_id)
      from (select distinct changed.document_id from changed) d;
    return null;
  end $$;
revoke all on function search_keep_deadline(), search_keep_recipients() from public;
revoke execute on function search_recipients_of(uuid) from public;

create trigger keep_deadline_for_search after insert or update of due_on on arrivals
  for each row when (new.due_on is not null) execute function search_keep_deadline();
create trigger keep_described_for_search after update on documents for each row
  when ((to_jsonb(new) ->> 'language', to_jsonb(new) ->> 'description')
    is distinct from (to_jsonb(old) ->> 'language', to_jsonb(old) ->> 'description'))
  execute function search_keep();
"""
#: Tables of recipients, and after which steps they are looked at; tables of rows are new or old.
RECIPIENTS = (
    ("document_recipients", "insert", "new"),
    ("document_recipients", "delete", "old"),
    ("issuance_recipients", "insert", "new"),
)
#: When a source is looked at again; more columns than before.
TRIGGERS = {
    "documents": "insert or update of subject, number, notation, issued_on, type, urgency, state,"
    " drafting_unit_id, signer_id, signer_capacity, due_on",
    "document_versions": "insert or update of text, page_count",
    "deliveries": "insert or update of subject, number, notation, issued_on, sender_name,"
    " signer_name, urgency, state, opened_at, arrival_number, addressees, signer_position,"
    " language, description, to_places, page_count, due_on",
    "case_files": "insert or update of title, notation, year, description, maintenance, state,"
    " unit_id, maker_id, language",
}

FORMER_CANDIDATES = """
drop function search_candidates(text, text, text, text, text, uuid, text, text, date, date, date,
  uuid, integer)
"""

CANDIDATES = """
-- The entries of one kind in the acting agency that match, in the order that is asked for, from
-- behind (after_key, after_id). Nothing of another agency, whatever is asked; what of them the
-- person may see is not decided here. Words in the manner of vn_q; each of sender, signer,
-- recipients and language as it is. `place` is what the order goes by, as text.
create function search_candidates(wanted text, asked jsonb, most integer)
  returns table (source_id uuid, place text)
  language plpgsql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
  declare
    agencies constant uuid[] := public.app_agencies();
    sorted constant text := coalesce(asked ->> 'order', 'newest');
    key constant text := case sorted
      when 'number' then 'e.number_key' when 'deadline' then 'e.due_key' else 'e.day' end;
    way constant text := case sorted when 'newest' then 'desc' else 'asc' end;
    query tsquery := nullif(public.vn_q(coalesce(asked ->> 'words', '')), ''::tsquery);
    part tsquery;
    conditions text := '';
  begin
    for part in
      select string_agg(quote_literal(coalesce(told.mark || '=', '') || word)
          || coalesce(':' || told.weight, ''), ' & ')::tsquery
        from (values ('sender', 'B', null), ('signer', 'C', null), ('to', null, 'to'),
                ('language', null, 'lang')) told (name, weight, mark),
             unnest(tsvector_to_array(public.vn_tsv(coalesce(asked ->> told.name, '')))) word
       group by told.name
      union all
      select quote_literal(name || '=' || (asked ->> name))::tsquery
        from unnest(array['type', 'urgency', 'state', 'unit']) name
       where asked ->> name is not null
    loop
      query := case when query is null then part else query && part end;
    end loop;
    conditions := concat(
      case when cardinality(agencies) = 1 then format('e.agency_id = %L', agencies[1])
        else format('e.agency_id = any (%L::uuid[])', agencies) end,
      format(' and e.kind = %L', wanted),
      ' and e.type = ' || quote_literal(asked ->> 'type'),
      ' and e.urgency = ' || quote_literal(asked ->> 'urgency'),
      ' and e.state = ' || quote_literal(asked ->> 'state'),
      ' and e.unit_id = ' || quote_literal(asked ->> 'unit'),
      ' and e.day >= ' || quote_literal(asked ->> 'from_day'),
      ' and e.day <= ' || quote_literal(asked ->> 'to_day'),
      ' and e.due_key < ''9999-12-31'' and e.due_key >= ' || quote_literal(asked ->> 'due_from'),
      ' and e.due_key < ''9999-12-31'' and e.due_key <= ' || quote_literal(asked ->> 'due_to'),
      ' and e.pages >= ' || quote_literal(asked ->> 'pages_from') || '::integer',
      ' and e.pages > 0 and e.pages <= ' || quote_literal(asked ->> 'pages_to') || '::integer',
      ' and e.source_id = any (' || quote_literal(translate(asked ->> 'among', '[]"', '{}'))
        || '::uuid[])',
      ' and (' || key || ', e.source_id) ' || case way when 'desc' then '<' else '>' end || ' ('
        || quote_literal(asked ->> 'after_key') || ', ' || quote_literal(asked ->> 'after_id')
        || '::uuid)',
      ' and e.tsv @@ ' || quote_literal(query::text) || '::tsquery');
    return query execute format(
      'select e.source_id, %1$s::text from public.search_entries e where %2$s'
      ' order by %1$s %3$s, e.source_id %3$s limit %4$s', key, conditions, way, most);
  end $$;
revoke execute on function search_candidates(text, jsonb, integer) from public;
grant execute on function search_candidates(text, jsonb, integer) to eoffice_app, eoffice_worker;

-- How many entries of the acting agency there are of a period, by kind, type and state.
create function search_counts(from_day date, to_day date)
  returns table (kind text, type text, state text, count bigint)
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    select e.kind, e.type, e.state, count(*) from public.search_entries e
     where e.agency_id = any (public.app_agencies()) and e.day between from_day and to_day
     group by 1, 2, 3
  $$;
revoke execute on function search_counts(date, date) from public;
grant execute on function search_counts(date, date) to eoffice_app, eoffice_worker;
"""

BACKFILL = """
select count(search_refresh_document(id)) from documents;
select count(search_refresh_delivery(id)) from deliveries;
select count(search_refresh_case_file(id)) from case_files;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(REFRESH)
    _keep(TRIGGERS)
    for table, step, rows in RECIPIENTS:
        op.execute(
            f"create trigger keep_for_search_{step} after {step} on {table}"
            f" referencing {rows} table as changed for each statement"
            " execute function search_keep_recipients()"
        )
    op.execute(FORMER_CANDIDATES)
    op.execute(CANDIDATES)
    op.execute(BACKFILL)


def downgrade() -> None:
    former = importlib.import_module("eoffice.migrations.versions.0020_search")
    op.execute("drop function search_counts(date, date)")
    op.execute("drop function search_candidates(text, jsonb, integer)")
    for table, step, _ in RECIPIENTS:
        op.execute(f"drop trigger keep_for_search_{step} on {table}")
    op.execute("drop trigger keep_described_for_search on documents")
    op.execute("drop trigger keep_deadline_for_search on arrivals")
    op.execute("drop function search_keep_recipients()")
    op.execute("drop function search_keep_deadline()")
    _keep({table: former.TRIGGERS[table] for table in TRIGGERS})
    op.execute(
        former.REFRESH.replace("{cases}", former.CASES).replace(
            "create function", "create or replace function"
        )
    )
    for function in ("recipients_of(uuid)", "number(text)", "mark(text, text)"):
        op.execute(f"drop function search_{function}")
    op.execute("drop function search_marks(text, text)")
    op.drop_table("search_columns")
    op.execute(
        "alter table search_entries drop column number_key, drop column due_key, drop column pages"
    )
    op.execute(former.CANDIDATES.replace("{narrowed}", former.NARROWED))
    op.execute(BACKFILL)


def _keep(triggers: dict[str, str]) -> None:
    for table, when in triggers.items():
        op.execute(
            f"drop trigger keep_for_search on {table};"
            f"create trigger keep_for_search after {when} on {table}"
            " for each row execute function search_keep()"
        )
