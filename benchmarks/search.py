"""Search among very many documents of several agencies: what the page does, without the page.

Each sample is one search of one person in one transaction of the web process's role: candidates
of all kinds, visibility by the slices' rules, counts to 1,000 and the first lines. Peer: a bare
query for the newest 1,001 of the same agency that match (as many as are counted), on a table of
as many rows with indexes for text and day, on one connection to the same PostgreSQL.
EOFFICE_BENCHMARK_DOCUMENTS says how many documents there are (20,000; the acceptance asks for
1,000,000).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

import psycopg

from benchmarks.figures import Figure, Peer, Samples, repeated
from benchmarks.issue import _office
from eoffice import clock, db
from eoffice.search import queries, result_lines, rules
from eoffice.search.http import COUNTED
from eoffice.search.pages import MOST_OF_A_KIND
from eoffice.search.rules import INDEXED, Asked, Fields
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast

DOCUMENTS = int(os.environ.get("EOFFICE_BENCHMARK_DOCUMENTS", "20000"))
TIMES, WARM_UP = 100, 3
#: One of so many documents has the rare words.
RARE = 10_000

#: Six of ten documents are of the department; the others of a district office and two schools.
#: Subjects put together of what offices write about, over ten years; the description stands for
#: some sixty words of a page.
FILL = """
insert into documents (id, agency_id, drafting_unit_id, type, subject, description, urgency,
  secrecy, circulation, state, created_by, created_at, state_since, number, notation, issued_on,
  due_on)
select gen_random_uuid(), agency, case n %% 10 when 9 then agency when 8 then agency
    when 7 then agency when 6 then agency else %(unit)s end,
  case when n %% 1000 = 3 then 'telegram' when n %% 20 = 1 then 'plan'
    when n %% 20 = 2 then 'report' when n %% 20 = 4 then 'decision' else 'dispatch' end,
  concat_ws(' ', acts[1 + (n * 2654435761 >> 9) %% 12],
    topics[1 + (n * 2246822519 >> 9) %% 40], 'của',
    places[1 + (n * 3266489917 >> 9) %% 30], 'năm học', 2009 + n * 10 / %(count)s),
  concat_ws(' ', 'Căn cứ kế hoạch của', places[1 + (n * 668265263 >> 9) %% 30],
    'về việc', topics[1 + (n * 374761393 >> 9) %% 40], ', Sở đề nghị các đơn vị',
    acts[1 + (n * 3141592653 >> 9) %% 12], topics[1 + (n * 2718281829 >> 9) %% 40],
    'và', acts[1 + (n * 1442695041 >> 9) %% 12], topics[1 + (n * 1618033989 >> 9) %% 40],
    'tại', places[1 + (n * 1732050807 >> 9) %% 30], ', báo cáo về phòng chuyên môn trước',
    'ngày', n %% 28 + 1, case when n %% %(rare)s = 7 then 'sách chữ nổi Braille' end),
  case when n %% 50 = 0 then 'urgent' else 'ordinary' end, 'none', '', 'issued', %(person)s,
  began, began, n, 'SGDĐT-VP', began::date,
  case when n %% 4 = 0 then began::date + 14 end
from (select n, timestamptz '2009-01-01' + n * (interval '3650 days' / %(count)s) as began,
        case n %% 10 when 9 then %(school)s::uuid when 8 then %(college)s::uuid
          when 7 then %(district)s::uuid when 6 then %(district)s::uuid
          else %(agency)s::uuid end as agency
      from generate_series(1::bigint, %(count)s) n) made,
  (select %(acts)s::text[] as acts, %(topics)s::text[] as topics, %(places)s::text[] as places) w
"""
ACTS = (
    "báo cáo kết quả|triển khai thực hiện|hướng dẫn tổ chức|tăng cường chỉ đạo|rà soát, thống kê"
    "|đề nghị phối hợp|kiểm tra việc thực hiện|tổng kết|đánh giá|bổ sung hồ sơ|góp ý dự thảo"
    "|chấn chỉnh công tác"
).split("|")
TOPICS = (
    "phổ cập giáo dục|chuyển đổi số|thi tốt nghiệp trung học phổ thông|tuyển sinh lớp mười"
    "|phòng chống đuối nước|an toàn thực phẩm bếp ăn bán trú|sách giáo khoa|thư viện trường học"
    "|bồi dưỡng thường xuyên giáo viên|xây dựng trường chuẩn quốc gia|kiểm định chất lượng"
    "|học bạ điện tử|sổ điểm điện tử|khai giảng|thi đua khen thưởng|giáo dục hướng nghiệp"
    "|dạy học ngoại ngữ|giáo dục thể chất|hội thi giáo viên dạy giỏi|khoa học kỹ thuật học sinh"
    "|thu chi đầu năm|học bổng và miễn giảm học phí|hỗ trợ học sinh khuyết tật|y tế trường học"
    "|biên chế, hợp đồng lao động|nâng lương trước thời hạn|đào tạo lý luận chính trị"
    "|thanh tra chuyên ngành|tiếp công dân|cải cách hành chính|văn thư, lưu trữ|dự toán ngân sách"
    "|mua sắm thiết bị dạy học|sửa chữa phòng học|phòng cháy chữa cháy|an ninh trật tự"
    "|phòng chống dịch bệnh|giáo dục mầm non|xóa mù chữ|hội khỏe Phù Đổng"
).split("|")
PLACES = (
    "huyện Lấp Vò|huyện Lai Vung|thành phố Sa Đéc|thành phố Cao Lãnh|huyện Cao Lãnh"
    "|huyện Tháp Mười|huyện Tam Nông|huyện Thanh Bình|huyện Hồng Ngự|thành phố Hồng Ngự"
    "|huyện Tân Hồng|huyện Châu Thành|Trường THPT Tràm Chim|Trường THPT Sen Hồng"
    "|Trường THCS Nguyễn Thị Minh Khai|Trường Tiểu học Võ Trường Toản|Trường THPT Đốc Binh Kiều"
    "|Trường THCS Phú Cường|Trường Tiểu học Mỹ Quý|Trường Mầm non Hoa Sen|xã Định Yên|xã Long Hưng"
    "|xã Bình Thành|phường An Hòa|thị trấn Mỹ An|xã Tân Thuận Đông|xã Hòa Long|xã Phong Hòa"
    "|xã Thường Phước|xã Gáo Giồng"
).split("|")

#: What the trigger does for one document, done for all at once; the index is made afterwards, as
#: one does with a million rows.
KEPT = """
do $$
declare one text := (select prosrc from pg_proc where proname = 'search_refresh_document');
begin
  if position('where d.id = document' in one) = 0 then raise 'another text'; end if;
  execute replace(one, 'where d.id = document', 'where true');
end $$
"""
MADE = (
    "drop index ix_search_entries_tsv",
    KEPT,
    "set maintenance_work_mem = '512MB'",
    "create index ix_search_entries_tsv on search_entries using gin (tsv)",
    "create table bare_search (id uuid primary key, agency_id uuid not null, type text not null,"
    " day date not null, tsv tsvector not null)",
    "insert into bare_search select source_id, agency_id, type, day, tsv from search_entries"
    " where kind = 'outgoing'",
    "create index on bare_search using gin (tsv)",
    "create index on bare_search (agency_id, day, id)",
    "vacuum analyze bare_search",
    "vacuum analyze documents",
    "vacuum analyze search_entries",
)
BARE = """
select id from bare_search where agency_id = %(agency)s{and_}
 order by day desc, id desc limit %(most)s
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
    begun = time.perf_counter()
    with owner.transaction():
        # The triggers look at one document after the other; here all are looked at together.
        owner.execute("alter table documents disable trigger user")
        owner.execute(
            FILL,
            {
                "agency": cast.department.id,
                "unit": cast.technology_office.id,
                "district": cast.district.id,
                "school": cast.high_school.id,
                "college": cast.other_high_school.id,
                "person": cast.specialist.person_id,
                "count": DOCUMENTS,
                "rare": RARE,
                "acts": ACTS,
                "topics": TOPICS,
                "places": PLACES,
            },
        )
        owner.execute("alter table documents enable trigger user")
    for statement in MADE:
        owner.execute(statement)
    print(f"{DOCUMENTS:,} documents made in {time.perf_counter() - begun:.0f} s", flush=True)


def _measured(owner: psycopg.Connection, cast: Cast) -> Sequence[Figure]:
    number = DOCUMENTS // 2 // 10 * 10 + 1
    asked = [
        ("a number", rules.parse(f"{number}/sgddt"), f"{number} <-> sgddt", ""),
        ("a word", rules.parse("khuyết"), "khuyet", ""),
        ("a word in every document", rules.parse("năm"), "nam", ""),
        ("a rare word", rules.parse("Braille"), "braille", ""),
        ("three words", rules.parse("đuối nước Sa"), "duoi & nuoc & sa", ""),
        ("a phrase", rules.parse('"chuyển đổi số"'), "chuyen <-> doi <-> so", ""),
        ("a rare type, no word", Asked(fields=Fields(type="telegram")), "", "telegram"),
        ("no hit", rules.parse("xyzzy"), "xyzzy", ""),
    ]
    figures: list[Figure] = []
    for name, wanted, words, kind in asked:
        bare = _bare(owner, words, kind, cast)
        peer = repeated(bare, times=TIMES, warm_up=WARM_UP)
        for reader, who in (("clerk", cast.clerk), ("specialist", cast.specialist)):
            samples = repeated(_search(who, wanted), times=TIMES, warm_up=WARM_UP)
            figures += [
                _figure(f"{name}, {reader}", percent, samples, peer) for percent in (50, 95, 99)
            ]
    return figures


def _search(who: Principal, asked: Asked) -> Callable[[], None]:
    def work() -> None:
        with db.transaction(who.acting) as session:
            for kind in INDEXED:
                found = queries.found(session, asked, kind, who=who, most=COUNTED)
                result_lines.lines(session, kind, found.ids[:MOST_OF_A_KIND])

    return work


def _bare(owner: psycopg.Connection, words: str, kind: str, cast: Cast) -> Callable[[], None]:
    and_ = (" and tsv @@ %(words)s::tsquery" if words else "") + (
        " and type = %(type)s" if kind else ""
    )
    query = BARE.replace("{and_}", and_)
    given = {"agency": cast.department.id, "words": words, "type": kind, "most": COUNTED + 1}

    def work() -> None:
        owner.execute(query, given).fetchall()

    return work


def _figure(name: str, percent: int, samples: Samples, peer: Samples) -> Figure:
    return Figure(
        f"{DOCUMENTS:,} documents: {name}, p{percent}",
        "ms",
        samples.percentile_ms(percent),
        Peer(f"bare query, p{percent}", peer.percentile_ms(percent)),
        f"{TIMES} after {WARM_UP}, one at a time",
    )
