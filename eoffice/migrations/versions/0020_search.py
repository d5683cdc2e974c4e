"""Search over everything: what each document is found by, and searches that people keep.

What is found by is kept beside the documents, by triggers, whoever writes them. The web process
cannot read it: it asks `search_candidates`, which knows the acting agency, and then shows of the
candidates what row-level security and the slices' own rules let the person see. A function with
the owner's rights, because a full-text index is not used below a row-level policy.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = """
create table search_entries (
  kind text not null constraint ck_search_entries_kind
    check (kind in ('outgoing', 'incoming', 'case_file')),
  source_id uuid not null,
  agency_id uuid not null constraint fk_search_entries_agency_id references units,
  day date not null,
  type text,
  urgency text,
  state text not null,
  unit_id uuid,
  tsv tsvector not null,
  constraint pk_search_entries primary key (kind, source_id)
);
create index ix_search_entries_newest on search_entries (agency_id, kind, day, source_id);
create index ix_search_entries_tsv on search_entries using gin (tsv);
alter table search_entries enable row level security;
create policy own_read on search_entries for select
  using (agency_id = any ((select app_agencies())::uuid[]));
grant select on search_entries to eoffice_worker;

create table saved_searches (
  id uuid constraint pk_saved_searches primary key,
  person_id uuid not null constraint fk_saved_searches_person_id references persons,
  name text not null,
  query text not null,
  saved_at timestamptz not null,
  constraint uq_saved_searches_person_id_name unique (person_id, name)
);
alter table saved_searches enable row level security;
create policy own on saved_searches
  using (person_id = app_person()) with check (person_id = app_person());
grant select, insert, delete on saved_searches to eoffice_app;
grant update (query, saved_at) on saved_searches to eoffice_app;
grant select on saved_searches to eoffice_worker;
"""

#: Names of the types of Decree 30/2020, art. 7, so that "công văn 960" finds a dispatch.
TYPES = {
    "resolution": "Nghị quyết",
    "decision": "Quyết định",
    "directive": "Chỉ thị",
    "statute": "Quy chế",
    "rules": "Quy định",
    "communique": "Thông cáo",
    "notice": "Thông báo",
    "guidance": "Hướng dẫn",
    "programme": "Chương trình",
    "plan": "Kế hoạch",
    "option_plan": "Phương án",
    "scheme": "Đề án",
    "project": "Dự án",
    "report": "Báo cáo",
    "minutes": "Biên bản",
    "submission": "Tờ trình",
    "contract": "Hợp đồng",
    "dispatch": "Công văn",
    "telegram": "Công điện",
    "memorandum": "Bản ghi nhớ",
    "agreement": "Bản thỏa thuận",
    "authorisation": "Giấy ủy quyền",
    "invitation": "Giấy mời",
    "introduction": "Giấy giới thiệu",
    "leave_paper": "Giấy nghỉ phép",
    "sending_slip": "Phiếu gửi",
    "transfer_slip": "Phiếu chuyển",
    "notification_slip": "Phiếu báo",
    "official_letter": "Thư công",
    "certified_copy": "Sao y",
    "extract": "Trích sao",
    "copy_of_copy": "Sao lục",
}
CASES = " ".join(f"when '{key}' then '{name}'" for key, name in TYPES.items())

#: Weights: A what the document is called, B who sends it, C who signed it, D all its words.
REFRESH = """
create function search_type_name(type text) returns text
  language sql immutable parallel safe set search_path = pg_catalog
  as $$ select case type {cases} else coalesce(type, '') end $$;

-- Words of a document that was written here, else of the archived file; a text index is bounded.
create function search_words_of(document uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select left(coalesce(
      (select string_agg(word #>> '{}', ' ')
         from (select v.text from public.document_versions v
                where v.document_id = document and v.text is not null
                order by v.ordinal desc limit 1) newest,
              jsonb_path_query(newest.text, 'strict $.** ? (@.type() == "string")') word),
      (select e.text from public.archive_entries e
        where e.kind = 'document' and e.source_id = document
        order by e.archived_at desc limit 1),
      ''), 300000)
  $$;

create function search_refresh_document(document uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, tsv)
    select 'outgoing', d.id, d.agency_id,
      coalesce(d.issued_on, (d.created_at at time zone 'Asia/Ho_Chi_Minh')::date),
      d.type, d.urgency, d.state, d.drafting_unit_id,
      setweight(public.vn_tsv(concat_ws(' ', public.search_type_name(d.type),
        d.number::text || '/' || d.notation, d.subject)), 'A')
      || setweight(public.vn_tsv(unit.name), 'B')
      || setweight(public.vn_tsv(concat_ws(' ', signer.full_name, d.signer_capacity)), 'C')
      || public.vn_tsv(concat_ws(' ', writer.full_name,
           (select string_agg(a.name, ' ') from public.attachments a where a.document_id = d.id),
           public.search_words_of(d.id)))
    from public.documents d
    join public.units unit on unit.id = d.drafting_unit_id
    join public.persons writer on writer.id = d.created_by
    left join public.persons signer on signer.id = d.signer_id
    where d.id = document
    on conflict (kind, source_id) do update set
      agency_id = excluded.agency_id, day = excluded.day, type = excluded.type,
      urgency = excluded.urgency, state = excluded.state, unit_id = excluded.unit_id,
      tsv = excluded.tsv
  $$;

-- The words of a delivery count once somebody opened it, and no more when it was taken back.
create function search_refresh_delivery(delivery uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, tsv)
    select 'incoming', d.id, d.recipient_agency_id, d.issued_on,
      d.document_type, d.urgency, d.state, null,
      setweight(public.vn_tsv(concat_ws(' ',
        coalesce(d.type_name, public.search_type_name(d.document_type)),
        concat_ws('/', d.number, d.notation), d.subject, d.arrival_number)), 'A')
      || setweight(public.vn_tsv(concat_ws(' ', d.sender_name, d.forwarded_by_name)), 'B')
      || setweight(public.vn_tsv(concat_ws(' ', d.signer_name, d.signer_position)), 'C')
      || case when d.opened_at is null or d.state = 'recalled' then ''::tsvector
         else public.vn_tsv(concat_ws(' ', d.description, d.to_places, d.addressees,
           d.covering_instruction,
           (select string_agg(f.name, ' ') from public.delivery_files f
             where f.delivery_id = d.id),
           (select left(c.text, 300000) from public.delivery_contents c
             where c.delivery_id = d.id),
           case when d.document_id is not null then public.search_words_of(d.document_id) end))
         end
    from public.deliveries d
    where d.id = delivery
    on conflict (kind, source_id) do update set
      agency_id = excluded.agency_id, day = excluded.day, type = excluded.type,
      urgency = excluded.urgency, state = excluded.state, tsv = excluded.tsv
  $$;

create function search_refresh_case_file(case_file uuid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.search_entries
      (kind, source_id, agency_id, day, type, urgency, state, unit_id, tsv)
    select 'case_file', f.id, f.agency_id,
      (f.planned_at at time zone 'Asia/Ho_Chi_Minh')::date, null, null, f.state, f.unit_id,
      setweight(public.vn_tsv(concat_ws(' ', f.notation, f.year, f.title)), 'A')
      || setweight(public.vn_tsv(unit.name), 'B')
      || public.vn_tsv(concat_ws(' ', f.description, f.maintenance, maker.full_name))
    from public.case_files f
    join public.units unit on unit.id = f.unit_id
    join public.persons maker on maker.id = f.maker_id
    where f.id = case_file
    on conflict (kind, source_id) do update set
      day = excluded.day, state = excluded.state, unit_id = excluded.unit_id, tsv = excluded.tsv
  $$;

create function search_keep() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
  begin
    case tg_table_name
      when 'documents' then perform public.search_refresh_document(new.id);
      when 'document_versions' then perform public.search_refresh_document(new.document_id);
      when 'attachments' then
        perform public.search_refresh_document(
          case tg_op when 'DELETE' then old.document_id else new.document_id end);
      when 'deliveries' then perform public.search_refresh_delivery(new.id);
      when 'delivery_contents' then perform public.search_refresh_delivery(new.delivery_id);
      when 'delivery_files' then perform public.search_refresh_delivery(new.delivery_id);
      when 'case_files' then perform public.search_refresh_case_file(new.id);
      when 'archive_entries' then
        if new.kind = 'document' and not exists (
          select from public.document_versions v
           where v.document_id = new.source_id and v.text is not null)
        then
          perform public.search_refresh_document(new.source_id);
          perform public.search_refresh_delivery(d.id) from public.deliveries d
            where d.document_id = new.source_id and d.opened_at is not null;
        end if;
    end case;
    return null;
  end $$;
revoke all on function search_keep() from public;
"""

#: When a source is looked at again.
TRIGGERS = {
    "documents": "insert or update of subject, number, notation, issued_on, type, urgency, state,"
    " drafting_unit_id, signer_id, signer_capacity",
    "document_versions": "insert or update of text",
    "attachments": "insert or delete",
    "deliveries": "insert or update of subject, number, notation, issued_on, sender_name,"
    " signer_name, urgency, state, opened_at, arrival_number, addressees",
    "delivery_contents": "insert or update of text",
    "delivery_files": "insert",
    "case_files": "insert or update of title, notation, year, description, maintenance, state,"
    " unit_id, maker_id",
    "archive_entries": "insert",
}

CANDIDATES = """
-- The newest entries of one kind in the acting agency that match, from behind (before_day,
-- before_id). Nothing of another agency, whatever is asked; what of them the person may see is
-- not decided here. Words in the manner of vn_q, each of sender and signer as they are.
create function search_candidates(
  wanted text, words text, sender text, signer text, of_type text, of_unit uuid, of_urgency text,
  of_state text, from_day date, to_day date, before_day date, before_id uuid, most integer
) returns table (source_id uuid, day date)
  language plpgsql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_custom_plan
  as $$
  declare
    agencies constant uuid[] := public.app_agencies();
    agency constant uuid := agencies[1];
    query tsquery := nullif(public.vn_q(coalesce(words, '')), ''::tsquery);
    part tsquery;
  begin
    for part in
      select string_agg(quote_literal(word) || ':' || told.weight, ' & ')::tsquery
        from (values (sender, 'B'), (signer, 'C')) told (said, weight),
             unnest(tsvector_to_array(public.vn_tsv(told.said))) word
       group by told.weight
    loop
      query := case when query is null then part else query && part end;
    end loop;
    if cardinality(agencies) = 1 then
      return query
        select e.source_id, e.day from public.search_entries e
        where e.agency_id = agency and e.kind = wanted and {narrowed}
        order by e.day desc, e.source_id desc limit most;
    else
      return query
        select e.source_id, e.day from public.search_entries e
        where e.agency_id = any (agencies) and e.kind = wanted and {narrowed}
        order by e.day desc, e.source_id desc limit most;
    end if;
  end $$;
revoke execute on function search_candidates(text, text, text, text, text, uuid, text, text, date,
  date, date, uuid, integer) from public;
grant execute on function search_candidates(text, text, text, text, text, uuid, text, text, date,
  date, date, uuid, integer) to eoffice_app, eoffice_worker;
revoke execute on function search_refresh_document(uuid) from public;
revoke execute on function search_refresh_delivery(uuid) from public;
revoke execute on function search_refresh_case_file(uuid) from public;
revoke execute on function search_words_of(uuid) from public;
"""
NARROWED = """(query is null or e.tsv @@ query)
          and (of_type is null or e.type = of_type)
          and (of_unit is null or e.unit_id = of_unit)
          and (of_urgency is null or e.urgency = of_urgency)
          and (of_state is null or e.state = of_state)
          and (from_day is null or e.day >= from_day)
          and (to_day is null or e.day <= to_day)
          and (before_day is null or (e.day, e.source_id) < (before_day, before_id))"""

BACKFILL = """
select count(search_refresh_document(id)) from documents;
select count(search_refresh_delivery(id)) from deliveries;
select count(search_refresh_case_file(id)) from case_files;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(REFRESH.replace("{cases}", CASES))
    for table, when in TRIGGERS.items():
        op.execute(
            f"create trigger keep_for_search after {when} on {table}"
            " for each row execute function search_keep()"
        )
    op.execute(CANDIDATES.replace("{narrowed}", NARROWED))
    op.execute(BACKFILL)


def downgrade() -> None:
    for table in TRIGGERS:
        op.execute(f"drop trigger keep_for_search on {table}")
    op.execute(
        "drop function search_candidates(text, text, text, text, text, uuid, text, text, date,"
        " date, date, uuid, integer)"
    )
    op.execute("drop function search_keep()")
    for source in ("case_file", "delivery", "document"):
        op.execute(f"drop function search_refresh_{source}(uuid)")
    op.execute("drop function search_words_of(uuid)")
    op.execute("drop function search_type_name(text)")
    op.drop_table("saved_searches")
    op.drop_table("search_entries")
