"""The end of the story: both are archived, and an inspector finds and proves the gradebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from eoffice import clock
from eoffice.demo import class_7a1, dispatch_960
from eoffice.demo.client import Desk
from eoffice.demo.dispatch_story import CLERK, DIRECTOR
from eoffice.demo.register_story import CLERK as SCHOOL_CLERK
from eoffice.demo.telling import Telling, check

INSPECTOR, OPERATOR = "thanhtra", "quantri"
INSPECTION_DAY = datetime(2025, 6, 9, 9, 0, tzinfo=clock.VIETNAM)
#: As an inspector types it: no diacritics, no capitals.
QUERY = "so theo doi 7a1"
#: Where bytes are flipped, in shares of the package's length.
FLIPS = (0.0, 0.01, 0.2, 0.5, 0.8, 0.97, 0.999)
#: What leads to the database or the demo's clock; the verifier gets none of it.
HIDDEN = ("DATABASE_URL", "EOFFICE_")


def archive(telling: Telling, document_id: UUID, book: str) -> None:
    """Steps 5 and 6."""
    dispatch, register = _both_archived(telling, document_id, book)
    inspector = _decide(telling)
    _inspect(telling, inspector, register)
    _prove(telling, dispatch, register)
    _everything_on_record(telling, register)


def _both_archived(telling: Telling, document_id: UUID, book: str) -> tuple[Path, dict[str, Any]]:
    with telling.step(
        "5.1-archive", "Công văn và sổ vào kho lưu trữ, có khóa và có trong nhật ký"
    ) as step:
        entry = _entry(telling.desk(CLERK), dispatch_960.NOTATION, str(document_id))
        check(step, "công văn đã lưu trữ", entry["number_notation"] == dispatch_960.NOTATION, entry)
        dispatch = telling.keep(
            "cong-van-960-luu-tru.pdf", _bytes(telling.desk(CLERK), entry, "content")
        )
        register = _entry(telling.desk(SCHOOL_CLERK), QUERY, book.rpartition("/")[2])
        for found, what in ((entry, "công văn"), (register, "sổ")):
            check(step, f"{what} được lưu ở mức B-LTA", found["level"] == "B-LTA", found["level"])
            check(
                step,
                f"{what} nguyên vẹn khi vào kho",
                found["verdict"]["verdict"] == "intact",
                found,
            )
            locked = datetime.fromisoformat(found["locked_until"])
            check(step, f"{what} bị khóa, không ai xóa được", locked > clock.now(), found)
    return dispatch, register


def _decide(telling: Telling) -> Desk:
    telling.set_clock(INSPECTION_DAY)
    with telling.step(
        "6.1-decide", "Giám đốc ra quyết định thanh tra trường đó, năm học đó"
    ) as step:
        head, inspector = telling.desk(DIRECTOR), telling.desk(INSPECTOR)
        known = len(inspector.get("/api/v1/inspections"))
        before = inspector.get("/api/v1/archive/entries", q=QUERY)["items"]
        school = telling.desk(SCHOOL_CLERK).get("/api/v1/me")["agency_id"]
        decided = head.post(
            "/api/v1/inspections",
            "story-inspection",
            {
                "decision_number": "112/QĐ-SGDĐT",
                "decided_on": "2025-06-09",
                "title": "Thanh tra việc quản lý sổ theo dõi và đánh giá học sinh",
                "inspector_id": inspector.get("/api/v1/me")["person_id"],
                "unit_ids": [school],
                "kinds": ["gradebook"],
                "school_years": [class_7a1.SCHOOL_YEAR],
                "valid_from": "2025-06-09",
                "valid_to": "2025-06-20",
            },
        )
        check(step, "quyết định có hiệu lực", decided["state"] == "running", decided)
        if len(inspector.get("/api/v1/inspections")) > known:
            check(step, "trước khi có quyết định, thanh tra viên không thấy gì", not before, before)
    return inspector


def _inspect(telling: Telling, inspector: Desk, register: dict[str, Any]) -> None:
    with telling.step("6.2-inspect", f"Thanh tra viên tìm “{QUERY}”, đọc trang, kiểm tra") as step:
        found = inspector.get("/api/v1/archive/entries", q=QUERY)["items"]
        check(
            step,
            "tìm thấy sổ 7A1 không cần gõ dấu",
            [e["id"] for e in found] == [register["id"]],
            found,
        )
        others = inspector.get("/api/v1/archive/entries", q="Vnedu")["items"]
        check(step, "không thấy công văn ngoài phạm vi quyết định", not others, others)
        entry = f"/api/v1/archive/entries/{register['id']}"
        page = inspector.get_bytes(f"{entry}/pages/5.png")
        check(step, "đọc được trang 5 ngay trên trình duyệt", page.startswith(b"\x89PNG"), page[:8])
        said = inspector.get(f"{entry}/verification")
        telling.keep_json("ket-luan-so-7a1.json", said)
        check(step, "kết luận: nguyên vẹn", said["verdict"] == "intact", said["reason"])
        check(step, "kể đủ 16 chữ ký", len(said["signatures"]) == 16, len(said["signatures"]))


def _prove(telling: Telling, dispatch: Path, register: dict[str, Any]) -> None:
    with telling.step("6.3-prove", "Kiểm tra gói bằng chứng ở nơi không có cơ sở dữ liệu") as step:
        inspector = telling.desk(INSPECTOR)
        package = telling.keep("goi-bang-chung-7a1.zip", _bytes(inspector, register, "package"))
        code, found = verify(telling, package, dispatch)
        telling.keep_json("kiem-tra-ngoai-tuyen.json", found)
        check(step, "eoffice verify thoát với mã 0", code == 0, found)
        proved = found[0]
        check(step, "gói nguyên vẹn", proved["verdict"] == "intact", proved["reason"])
        check(step, "công văn nguyên vẹn", found[1]["verdict"] == "intact", found[1]["reason"])
        capacities = [each["capacity"] for each in found[1]["signatures"]]
        check(
            step, "nói rõ ai ký với tư cách gì", "GIÁM ĐỐC" in str(capacities).upper(), capacities
        )
        stamped = {each["time_source"] for each in proved["signatures"] + found[1]["signatures"]}
        check(step, "thời gian ký lấy từ dấu thời gian", stamped == {"timestamp"}, stamped)

    with telling.step("6.4-flip", "Lật một byte bất kỳ trong gói thì bị phát hiện") as step:
        content = package.read_bytes()
        places = [min(int(len(content) * share), len(content) - 1) for share in FLIPS]
        copies = [_flipped(telling, content, place) for place in places]
        code, found = verify(telling, *copies)
        check(step, "eoffice verify thoát với mã 1", code == 1, code)
        for place, one, copy in zip(places, found, copies, strict=True):
            told = one["verdict"] in ("changed", "invalid") and one["reason"]
            check(step, f"byte {place}: nói rõ chỗ hỏng", told, one)
            copy.unlink()


def _flipped(telling: Telling, content: bytes, place: int) -> Path:
    """A copy of the package in which one bit is another."""
    altered = bytearray(content)
    altered[place] ^= 0x01
    return telling.keep(f"goi-bi-sua-{place}.zip", bytes(altered))


def _everything_on_record(telling: Telling, register: dict[str, Any]) -> None:
    with telling.step("6.5-audit", "Mọi lần xem của thanh tra viên đều có trong nhật ký") as step:
        operator = telling.desk(OPERATOR)
        events = operator.get("/api/v1/audit/events", object_id=register["id"], limit="200")[
            "items"
        ]
        actions = {each["action"] for each in events}
        for action, said in (
            ("archive.opened", "đã mở"),
            ("archive.page_viewed", "đã đọc trang"),
            ("archive.verified", "đã kiểm tra"),
            ("archive.packaged", "đã tải gói bằng chứng"),
        ):
            check(step, f"nhật ký ghi thanh tra viên {said}", action in actions, sorted(actions))


def verify(telling: Telling, *paths: Path) -> tuple[int, list[dict[str, Any]]]:
    """`eoffice verify --json` in a process that knows neither database nor demo clock."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(HIDDEN)}
    trust = telling.access.var / "pki" / "trust"
    telling.calls.append(f"eoffice verify --json {' '.join(path.name for path in paths)}")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "eoffice",
            "verify",
            "--json",
            "--trust",
            str(trust),
            *map(str, paths),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=telling.folder,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout) if done.stdout else []
    return done.returncode, found


def _entry(desk: Desk, words: str, source_id: str) -> dict[str, Any]:
    """The archive's entry of a document or book, once the worker has made it."""

    def of_source(found: dict[str, Any]) -> dict[str, Any] | None:
        for line in found["items"]:
            entry = desk.get(f"/api/v1/archive/entries/{line['id']}")
            if entry["source_id"] == source_id:
                return dict(entry)
        return None

    path = "/api/v1/archive/entries"
    found = desk.wait_for(
        path, lambda found: of_source(found) is not None, f"lưu trữ {words}", q=words
    )
    entry = of_source(found)
    assert entry is not None
    return entry


def _bytes(desk: Desk, entry: dict[str, Any], what: str) -> bytes:
    return desk.get_bytes(f"/api/v1/archive/entries/{entry['id']}/{what}")
