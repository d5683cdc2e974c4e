"""The desk and the list of documents in an agency of many documents: whole pages, as HTML.

Each sample is one page for one person: session, rights, queries, counts of the frame, template.
Without a network, because the office's programs run where the page is asked for. Peer: fifty lines
by an index from a bare table of as many rows, on one connection to the same PostgreSQL.
EOFFICE_BENCHMARK_DOCUMENTS says how many documents there are (20,000; the acceptance asks for
200,000).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import psycopg
from litestar.testing import TestClient

from benchmarks.figures import Figure, Peer, Samples, repeated
from benchmarks.issue import _office
from eoffice import app, clock, db
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast, sign_in

DOCUMENTS = int(os.environ.get("EOFFICE_BENCHMARK_DOCUMENTS", "20000"))
TIMES, WARM_UP = 60, 5

#: Ten years of one agency. Of its own documents one in a hundred is still being written, handed in
#: or signed, one in ten has a deadline, and of those one in twenty is still owed by a recipient. Of
#: what came in (a fifth as many) one in fifty is open and one in two hundred not registered; the
#: rest is done, and everything was assigned by the director to one of three people.
FILL = """
insert into documents (id, agency_id, drafting_unit_id, type, subject, urgency, secrecy,
  circulation, state, created_by, created_at, state_since, number, notation, issued_on, due_on,
  signer_id, signer_capacity)
select gen_random_uuid(), %(agency)s, %(unit)s, 'dispatch',
  format('Báo cáo mục thu%%s về việc w%%s', n %% 100, n %% 997), 'ordinary', 'none', '', state,
  case n %% 3 when 0 then %(person)s when 1 then %(head)s else %(other)s end::uuid, began, began,
  case when state = 'issued' then n end, case when state = 'issued' then 'SGDĐT-VP' end,
  case when state = 'issued' then began::date end,
  case when n %% 10 = 0 then began::date + 14 end,
  case when state = 'issued' then %(director)s::uuid end,
  case when state = 'issued' then 'GIÁM ĐỐC' end
from (select n, now() - n * (interval '3650 days' / %(count)s) as began,
        case n %% 400 when 7 then 'draft' when 8 then 'submitted' when 9 then 'awaiting_signature'
          when 10 then 'signed' else 'issued' end as state
        from generate_series(1, %(count)s) n) made;

insert into deliveries (id, origin, document_id, sender_agency_id, recipient_unit_id,
  recipient_agency_id, sender_name, document_type, number, notation, issued_on, subject,
  signer_name, urgency, due_on, content_sha256, page_count, state, delivered_at, done_at)
select gen_random_uuid(), 'delivery', d.id, d.agency_id, r.id, r.id, 'Sở', 'dispatch',
  d.number::text, d.notation, d.issued_on, d.subject, 'Trần Thanh Liêm', 'ordinary', d.due_on,
  repeat('0', 64), 1, case when d.number %% 200 = 0 then 'delivered' else 'done' end, d.created_at,
  case when d.number %% 200 = 0 then null else d.created_at end
from documents d, unnest(%(recipients)s::uuid[]) r(id)
where d.state = 'issued' and d.due_on is not null;

insert into deliveries (id, origin, recipient_unit_id, recipient_agency_id, sender_name,
  document_type, number, notation, issued_on, subject, signer_name, urgency, due_on,
  content_sha256, page_count, state, delivered_at, registered_at, arrival_number, assigned_at,
  done_at)
select gen_random_uuid(), 'hand', %(agency)s, %(agency)s, 'UBND Tỉnh', 'dispatch', n::text,
  'UBND-VX', came::date, format('Thực hiện nhiệm vụ w%%s', n %% 997), '', 'ordinary',
  came::date + 10,
  null, 0, case when n %% 200 = 0 then 'opened' when n %% 50 = 1 then 'assigned' else 'done' end,
  came, case when n %% 200 = 0 then null else came end, case when n %% 200 = 0 then null else n end,
  case when n %% 200 = 0 then null else came end,
  case when n %% 200 = 0 or n %% 50 = 1 then null else came end
from (select n, now() - n * (interval '3650 days' / (%(count)s / 5)) as came
        from generate_series(1, %(count)s / 5) n) made;

insert into arrivals (id, agency_id, delivery_id, book_kind, year, number, arrived_on, state,
  registered_at, registered_by, submitted_at, submitted_by, due_on, done_at, done_by)
select gen_random_uuid(), recipient_agency_id, id, 'incoming',
  extract(year from delivered_at at time zone 'Asia/Ho_Chi_Minh'), arrival_number,
  delivered_at::date, case state when 'assigned' then 'assigned' else 'done' end, registered_at,
  %(clerk)s, registered_at, %(clerk)s, due_on, done_at,
  case when done_at is not null then %(person)s::uuid end
from deliveries where origin = 'hand' and registered_at is not null;

insert into assignments (id, agency_id, arrival_id, role, unit_id, person_id, instruction, due_on,
  assigned_by, assigned_at)
select gen_random_uuid(), agency_id, id, 'lead', %(unit)s,
  case number %% 3 when 0 then %(person)s when 1 then %(head)s else %(other)s end::uuid, 'Xử lý.',
  due_on, %(director)s, registered_at
from arrivals;
"""
BARE = """
create table bare_list (id uuid primary key, agency_id uuid not null, day timestamptz not null,
  subject text not null);
insert into bare_list select id, agency_id, created_at, subject from documents;
create index on bare_list (agency_id, day, id);
vacuum analyze bare_list;
vacuum analyze documents;
vacuum analyze deliveries;
vacuum analyze arrivals;
vacuum analyze assignments;
"""


def measure() -> Sequence[Figure]:
    with _office() as backing:
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
            people = {
                name: (who, sign_in(session, who, at))
                for name, who in (
                    ("clerk", cast.clerk),
                    ("specialist", cast.specialist),
                    ("director", cast.director),
                )
            }
        with psycopg.connect(
            backing.owner_database_url.replace("+psycopg", ""), autocommit=True
        ) as owner:
            _fill(owner, cast)
            return _measured(owner, people)


def _fill(owner: psycopg.Connection, cast: Cast) -> None:
    named = {
        "agency": cast.department.id,
        "unit": cast.technology_office.id,
        "person": cast.specialist.person_id,
        "head": cast.office_head.person_id,
        "other": cast.secondary_office_head.person_id,
        "director": cast.director.person_id,
        "clerk": cast.clerk.person_id,
        "recipients": [cast.high_school.id, cast.other_high_school.id, cast.school.id],
        "count": DOCUMENTS,
    }
    # The search follows every row by a trigger; it is measured elsewhere (`search`).
    for table in ("documents", "deliveries", "arrivals"):
        owner.execute(f"alter table {table} disable trigger user")
    for statement in FILL.split(";\n"):
        if statement.strip():
            owner.execute(statement, named)
    for statement in BARE.split(";"):
        if statement.strip():
            owner.execute(statement)


def _measured(
    owner: psycopg.Connection, people: dict[str, tuple[Principal, str]]
) -> Sequence[Figure]:
    agency = people["clerk"][0].agency_id
    bare = repeated(
        lambda: owner.execute(
            "select id, subject, day from bare_list where agency_id = %s"
            " order by day desc, id desc limit 50",
            [agency],
        ).fetchall(),
        times=TIMES,
        warm_up=WARM_UP,
    )
    asked = [
        ("desk", "/"),
        ("given away", "/desk/given"),
        ("late", "/desk/late"),
        ("list of documents", "/documents"),
        ("incoming book", "/incoming"),
    ]
    figures: list[Figure] = []
    with TestClient(app.make(), base_url="https://office.test") as client:
        client.follow_redirects = False
        for reader, (_, cookie) in people.items():
            for name, path in [
                *asked,
                *([("late in the unit", "/desk/late?of=unit")] if reader == "director" else []),
            ]:
                samples = repeated(_page(client, cookie, path), times=TIMES, warm_up=WARM_UP)
                figures += [
                    _figure(f"{name}, {reader}", percent, samples, bare) for percent in (50, 95)
                ]
    return figures


def _page(client: TestClient, cookie: str, path: str) -> Callable[[], object]:  # type: ignore[type-arg]
    headers = {"cookie": f"__Host-session={cookie}; session={cookie}"}

    def work() -> None:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])

    return work


def _figure(name: str, percent: int, samples: Samples, peer: Samples) -> Figure:
    return Figure(
        f"{DOCUMENTS:,} documents: {name}, p{percent}",
        "ms",
        samples.percentile_ms(percent),
        Peer(f"bare query of 50 lines, p{percent}", peer.percentile_ms(percent)),
        f"{TIMES} after {WARM_UP}, one at a time",
    )
