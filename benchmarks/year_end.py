"""The year's end of one school: import, compute, render, sign in batch, seal, archive.

First the books of its classes, then the report book of each pupil up to its close and archive.

1,200 pupils in 30 classes with 13 subjects, in a whole office as people start it: web, worker,
relay, PostgreSQL, broker, object store and trust services on this machine, and nothing else on it.
Measured from outside, over the JSON interface, once with one worker process and once with two:
wall time, and the processor time of all of the office's processes together. Limit: one hour, which
is what an afternoon leaves for it. `EOFFICE_BENCHMARK_CLASSES=3` takes a smaller school, and
`EOFFICE_BENCHMARK_WORKERS=1` one of the two runs.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx

from benchmarks.figures import Figure, Peer
from eoffice import clock
from eoffice.assessment.marks import Semester
from eoffice.demo import class_7a1, client, load, names, province
from eoffice.demo.class_7a1 import SUBJECTS, DemoPupil
from eoffice.demo.client import Desk
from eoffice.demo.register_story import CLERK, PRINCIPAL, TEACHERS, XLSX, YEAR_END
from eoffice.marks import marks_template
from tests.scenarios import running

CLASSES = int(os.environ.get("EOFFICE_BENCHMARK_CLASSES", "30"))
PUPILS = 40
YEAR = class_7a1.SCHOOL_YEAR
WORKERS = tuple(map(int, os.environ.get("EOFFICE_BENCHMARK_WORKERS", "1,2").split(",")))
LIMIT = Peer("limit: one hour, s", 3600.0)
PATIENCE_S = 5400.0
MOST_AT_ONCE = 200
MOST_REPORTS_AT_ONCE = 3000


@dataclass(frozen=True, slots=True)
class Spent:
    """What a step took: seconds by the clock, and of all processes' processor time."""

    step: str
    wall_s: float
    cpu_s: float


def measure() -> Sequence[Figure]:
    return [figure for workers in WORKERS for figure in _figures(workers)]


def _figures(workers: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as directory:
        var = Path(directory) / "office"
        Path(directory).chmod(0o711)
        with running.running(var, workers=workers) as office:
            spent = list(_YearEnd(office).steps())
    whole = Spent("all of it", sum(s.wall_s for s in spent), sum(s.cpu_s for s in spent))
    of = f"{CLASSES * PUPILS} pupils, {CLASSES} classes, worker processes: {workers}"
    for one in (*spent, whole):
        yield Figure(f"{one.step}, wall", "s", one.wall_s, LIMIT, of)
        yield Figure(f"{one.step}, processor", "s", one.cpu_s, LIMIT, of)


class _YearEnd:
    """One school and its people, each with a line of their own."""

    def __init__(self, office: running.Running) -> None:
        self._office = office
        self._access = load.read_access(office.var)
        clock.set_office_clock(office.var / "clock.json", YEAR_END)
        self._desks: dict[str, Desk] = {}
        self._spent: list[Spent] = []

    def steps(self) -> Iterator[Spent]:
        classes = self._open()
        with self._step("import of one workbook"):
            self._import(classes)
        with self._step("conduct, absences"):
            for number, path in enumerate(classes):
                self._conduct(path, TEACHERS[number % len(TEACHERS)])
        with self._step("results of all classes"):
            for path in classes:
                results = self._desk(PRINCIPAL).get(f"{path}/results")
                assert all(each["year"]["learning"] for each in results)
        with self._step("rendering of all books"):
            books = [
                self._desk(PRINCIPAL).post(f"{path}/gradebooks", f"year-end-{path}")["id"]
                for path in classes
            ]
            self._until(lambda: self._states(books).count("rendering") == 0)
        with self._step("signatures of subject teachers"):
            self._sign(TEACHERS, "gradebook-signature")
            self._until(lambda: self._states(books).count("awaiting_teachers") == 0)
        with self._step("signatures of homeroom teachers"):
            self._sign(TEACHERS, "gradebook-signature")
        with self._step("signatures of the principal"):
            self._sign((PRINCIPAL,), "gradebook-signature")
        with self._step("seals"):
            self._sign((CLERK,), "gradebook-seal")
            assert set(self._states(books)) == {"closed"}
        with self._step("archive, after the last seal"):
            self._until(lambda: self._archived("gradebook") >= len(books))
        with self._step("remarks of report books"):
            for number, path in enumerate(classes):
                self._remark(path, TEACHERS[number % len(TEACHERS)])
        with self._step("rendering of all report books"):
            for path in classes:
                asked = {"class_id": path.rpartition("/")[2]}
                self._desk(PRINCIPAL).post("/api/v1/report-parts", f"parts-{path}", asked)
            for path in classes:
                self._until(partial(self._is_made, path), every_s=2)
        with self._step("report books, signatures of homeroom teachers"):
            self._sign(TEACHERS, "report-signature", most=MOST_REPORTS_AT_ONCE)
        with self._step("report books, signatures of the principal"):
            self._sign((PRINCIPAL,), "report-signature", most=MOST_REPORTS_AT_ONCE)
        with self._step("report books, seals"):
            self._sign((CLERK,), "report-seal", most=MOST_REPORTS_AT_ONCE)
        with self._step("report books, closing and archive"):
            closed = self._desk(PRINCIPAL).post(
                "/api/v1/report-parts/closings", "closing-of-report-books", {"school_year": YEAR}
            )
            assert closed["count"] == len(classes) * PUPILS, closed
            # Pages of the archive are not what is measured, and there are many.
            self._until(lambda: self._archived("report_book") >= closed["count"], every_s=10)
        yield from self._spent

    # --- The steps ------------------------------------------------------------------------------

    def _open(self) -> list[str]:
        desk = self._desk(PRINCIPAL)
        teachers = {
            each["full_name"]: each["person_id"] for each in desk.get("/api/v1/classes/teachers")
        }
        ids = [teachers[p.full_name] for login in TEACHERS for p in _people(login)]
        found = []
        for number in range(CLASSES):
            made = desk.post(
                "/api/v1/classes",
                f"year-end-class-{number}",
                {
                    "name": f"7A{number + 1}",
                    "grade": class_7a1.GRADE,
                    "school_year": YEAR,
                    "homeroom_teacher_id": ids[number % len(ids)],
                    "subjects": [
                        {"code": subject.code, "teacher_id": teacher}
                        for subject, teacher in zip(SUBJECTS, ids, strict=True)
                    ],
                    "pupils": [_entry(pupil) for pupil in _pupils(number)],
                },
            )
            found.append(f"/api/v1/classes/{made['id']}")
        return found

    def _import(self, classes: Sequence[str]) -> None:
        desk = self._desk(PRINCIPAL)
        answer = desk.http.post(
            "/api/v1/school-imports",
            headers={"Authorization": f"Bearer {desk.token}", "Idempotency-Key": "year-end"},
            data={"school_year": YEAR},
            files={"file": ("diem.xlsx", _workbook(), XLSX)},
        )
        assert answer.is_success, answer.text
        path = f"/api/v1/school-imports/{answer.json()['id']}"
        self._until(lambda: desk.get(path)["state"] != "reading")
        found = desk.get(path)
        assert found["state"] == "ready", (
            found["failure"],
            found["unclear"][:3],
            found["faults"][:3],
        )
        assert len(found["classes"]) == len(classes), found["unclear"][:3]
        desk.post(f"{path}/acceptance", "accept-year-end")
        self._until(lambda: desk.get(path)["state"] == "accepted")

    def _conduct(self, path: str, homeroom: str) -> None:
        desk = self._desk(homeroom)
        pupils = [each["code"] for each in desk.get(path)["pupils"]]
        for semester in ("1", "2"):
            desk.put(
                f"{path}/conduct",
                {"semester": semester, "levels": dict.fromkeys(pupils, "good")},
            )
        desk.put(
            f"{path}/absences",
            {
                "first": "2024-09-05",
                "last": "2025-05-30",
                "absences": [
                    {"pupil_code": code, "on": "2024-10-07", "session": "morning", "excused": True}
                    for code in pupils[::4]
                ],
            },
        )

    def _remark(self, path: str, homeroom: str) -> None:
        desk = self._desk(homeroom)
        pupils = [each["code"] for each in desk.get(path)["pupils"]]
        notes = dict.fromkeys(pupils, "Chăm học, hoà đồng, có ý thức giúp đỡ bạn.")
        desk.put(f"{path}/report-notes/homeroom", {"notes": notes})

    def _is_made(self, path: str) -> bool:
        """Whether no report book of the class is still being made."""
        asked = {"class_id": path.rpartition("/")[2]}
        listing = self._desk(PRINCIPAL).get("/api/v1/report-parts", **asked)
        return all(each["state"] != "preparing" for each in listing)

    def _sign(self, logins: Sequence[str], kind: str, most: int = MOST_AT_ONCE) -> None:
        """Everybody enters the PIN once for each `most` things; waits until all is signed."""
        begun: list[tuple[Desk, str]] = []
        for login in logins:
            desk = self._desk(login)
            mine = [each for each in desk.get("/api/v1/desk/signables") if each["kind"] == kind]
            for first in range(0, len(mine), most):
                items = [
                    {name: each[name] for name in ("kind", "id", "seen")}
                    for each in mine[first : first + most]
                ]
                made = desk.post(
                    "/api/v1/desk/signatures",
                    f"year-end-{login}-{len(begun)}-{len(self._spent)}",
                    {"items": items, "pin": self._access.pin},
                )
                begun.append((desk, f"/api/v1/desk/signatures/{made['id']}"))
        for desk, path in begun:
            self._until(partial(_is_ended, desk, path), every_s=2)

    def _states(self, books: Sequence[str]) -> list[str]:
        desk = self._desk(PRINCIPAL)
        return [desk.get(f"/api/v1/gradebooks/{book}")["state"] for book in books]

    def _archived(self, kind: str) -> int:
        found, cursor = 0, ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self._desk(PRINCIPAL).get("/api/v1/archive/entries", kind=kind, **more)
            found += len(page["items"])
            if not (cursor := page["next_cursor"] or ""):
                return found

    # --- Frame ----------------------------------------------------------------------------------

    def _desk(self, login: str) -> Desk:
        if login not in self._desks:
            http = self._office.lines.enter_context(
                httpx.Client(base_url=self._office.base_url, timeout=120, trust_env=False)
            )
            self._desks[login] = client.sign_in(http, login, self._access.password)
        return self._desks[login]

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        cpu, begun = _processor_s(self._office.var), time.perf_counter()
        yield
        wall = time.perf_counter() - begun
        self._spent.append(Spent(name, wall, _processor_s(self._office.var) - cpu))
        print(f"  {name}: {wall:.1f} s, processor {self._spent[-1].cpu_s:.1f} s", flush=True)

    def _until(self, is_done: Callable[[], bool], every_s: float = 0.5) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_done():
            assert time.monotonic() < until, "the office did not get done in time"
            time.sleep(every_s)


def _is_ended(desk: Desk, path: str) -> bool:
    items = desk.get(path)["items"]
    failed = [each for each in items if each["state"] == "failed"]
    assert not failed, failed[0]
    return all(each["state"] != "waiting" for each in items)


def _people(login: str) -> list[province.DemoPerson]:
    return [each for each in province.persons() if each.login == login]


def _pupils(number: int) -> list[DemoPupil]:
    """The pupils of the demo's class under names and codes of their own."""
    supply = names.people(f"year-end {number}")
    return [
        replace(
            pupil,
            code=f"87{number:02}{place:04}",
            full_name=next(supply)[0],
            born_on=pupil.born_on + timedelta(days=number),
        )
        for place, pupil in enumerate(class_7a1.pupils()[:PUPILS], start=1)
    ]


def _entry(pupil: DemoPupil) -> dict[str, object]:
    return {
        "code": pupil.code,
        "name": pupil.full_name,
        "born_on": pupil.born_on.isoformat(),
        "sex": "Nữ" if pupil.is_female else "Nam",
        "birthplace": pupil.birth_place,
        "ethnicity": "Kinh",
        "address": pupil.address,
    }


def _workbook() -> bytes:
    """All classes and subjects, both semesters, in one file."""
    return marks_template.write(
        [
            class_7a1.sheet("Trường", f"7A{number + 1}", _pupils(number), subject, semester)
            for number in range(CLASSES)
            for subject in SUBJECTS
            for semester in Semester
        ]
    )


def _processor_s(var: Path) -> float:
    """Of every process of this office and of those of its children that have ended."""
    ticks = 0
    for process in Path("/proc").iterdir():
        try:
            if f"EOFFICE_VAR={var}".encode() not in (process / "environ").read_bytes().split(b"\0"):
                continue
            # Behind the name in parentheses, which may itself hold blanks.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
