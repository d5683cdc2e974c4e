"""Search in an agency of many documents: what the page does, without the page.

Each sample is one search of one person in one transaction of the web process's role: candidates,
visibility by the slices' rules, counts and the first lines. Peer: a bare full-text query for the
same word on a table of as many rows with a GIN index, newest ten, on one connection to the same
PostgreSQL. EOFFICE_BENCHMARK_DOCUMENTS says how many documents there are (20,000; the acceptance
asks for 1,000,000).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import psycopg

from benchmarks.figures import Figure, Peer, Samples, repeated
from benchmarks.issue import _office
from eoffice import clock, db
from eoffice.search import queries, result_lines, rules
from eoffice.search.http import COUNTED
from eoffice.search.pages import MOST_OF_A_KIND
from eoffice.search.rules import Asked, Kind
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast

DOCUMENTS = int(os.environ.get("EOFFICE_BENCHMARK_DOCUMENTS", "20000"))
TIMES, WARM_UP = 100, 5

#: Subjects of some 4,000 different words, in which "truong" stands in every one, "thu10" in one
#: of a hundred and a number in one; all documents of the clerk's agency, over ten years.
FILL = """
insert into documents (id, agency_id, drafting_unit_id, type, subject, urgency, secrecy,
  circulation, state, created_by, created_at, state_since, number, notation, issued_on)
select gen_random_uuid(), %(agency)s, %(unit)s, 'dispatch',
  format('Trường học báo cáo mục thu%%s về việc w%%s w%%s w%%s', n %% 100, n %% 997, n %% 1499,
    n %% 1999),
  'ordinary', 'none', '', 'issued', %(person)s, began, began, n,
  'SGDĐT-VP', began::date
from (select n, timestamptz '2009-01-01' + n * (interval '3650 days' / %(count)s) as began
        from generate_series(1, %(count)s) n) made
"""
BARE = """
create table bare_search (id uuid primary key, day date not null, tsv tsvector not null);
insert into bare_search select source_id, day, tsv from search_entries where kind = 'outgoing';
create index on bare_search using gin (tsv);
create index on bare_search (day, id);
analyze bare_search;
analyze documents;
vacuum analyze search_entries;
"""


def measure() -> Sequence[Figure]:
    with _office() as backing:
        with db.system_transaction() as session:
            cast = load_cast(session, clock.now())
        with psycopg.connect(
            backing.owner_database_url.replace("+psycopg", ""), autocommit=True
        ) as owner:
            _fill(owner, cast)
            return _measured(owner, cast)


def _fill(owner: psycopg.Connection, cast: Cast) -> None:
    owner.execute(
        FILL,
        {
            "agency": cast.department.id,
            "unit": cast.technology_office.id,
            "person": cast.specialist.person_id,
            "count": DOCUMENTS,
        },
    )
    for statement in BARE.strip().split(";"):
        if statement.strip():
            owner.execute(statement)


def _measured(owner: psycopg.Connection, cast: Cast) -> Sequence[Figure]:
    asked = [
        ("a number", f"{DOCUMENTS // 2}/sgddt", f"{DOCUMENTS // 2} <-> sgddt"),
        ("a word in one of a hundred", "thu10", "thu10"),
        ("three words", "báo cáo w500", "bao & cao & w500"),
        ("a phrase", '"mục thu10"', "muc <-> thu10"),
        ("a word in every document", "trường", "truong"),
    ]
    figures: list[Figure] = []
    for name, typed, bare in asked:
        peer = repeated(_bare(owner, bare), times=TIMES, warm_up=WARM_UP)
        for reader, who in (("clerk", cast.clerk), ("specialist", cast.specialist)):
            samples = repeated(_search(who, rules.parse(typed)), times=TIMES, warm_up=WARM_UP)
            figures += [
                _figure(f"{name}, {reader}", percent, samples, peer) for percent in (50, 95, 99)
            ]
    return figures


def _search(who: Principal, asked: Asked) -> Callable[[], None]:
    def work() -> None:
        with db.transaction(who.acting) as session:
            for kind in (Kind.OUTGOING, Kind.INCOMING, Kind.CASE_FILE):
                found = queries.found(session, asked, kind, who=who, most=COUNTED)
                result_lines.lines(session, kind, found.ids[:MOST_OF_A_KIND])

    return work


def _bare(owner: psycopg.Connection, query: str) -> Callable[[], None]:
    def work() -> None:
        owner.execute(
            "select id from bare_search where tsv @@ %s::tsquery order by day desc, id desc"
            " limit 10",
            [query],
        ).fetchall()

    return work


def _figure(name: str, percent: int, samples: Samples, peer: Samples) -> Figure:
    return Figure(
        f"{DOCUMENTS:,} documents: {name}, p{percent}",
        "ms",
        samples.percentile_ms(percent),
        Peer(f"bare full-text query, p{percent}", peer.percentile_ms(percent)),
        f"{TIMES} after {WARM_UP}, one at a time",
    )
