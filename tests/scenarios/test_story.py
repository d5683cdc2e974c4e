"""`eoffice demo` plays the whole story on a running office; playing it again changes nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.scenarios.running import Running

pytestmark = pytest.mark.scenario

NOTATION = "960/SGDĐT-CNTTTBTV"


@dataclass(frozen=True, slots=True)
class Played:
    """The story, told twice on one office."""

    office: Running
    folder: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    #: The files as the first telling left them.
    left_by_first: dict[str, bytes]

    def pdfs(self) -> list[Path]:
        return sorted(self.folder.glob("*.pdf"))


@pytest.fixture(scope="module")
def played(office: Running) -> Played:
    folder = office.var / "demo"
    first = office.command("demo")
    left = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    return Played(office, folder, first, office.command("demo"), left)


def test_each_fact_of_the_story_was_checked(played: Played) -> None:
    assert played.first.returncode == 0, played.first.stdout + played.first.stderr
    steps = json.loads(played.left_by_first["story.json"])
    assert {step["step"][0] for step in steps} == set("123456")
    for step in steps:
        assert step["checked"], step
        assert step["calls"], step
    assert len(played.first.stdout.strip().splitlines()) >= len(steps)


def test_the_second_telling_finds_everything_done(played: Played) -> None:
    assert played.second.returncode == 0, played.second.stdout + played.second.stderr
    for name, content in played.left_by_first.items():
        if name.endswith(".pdf"):
            assert (played.folder / name).read_bytes() == content, name


def test_nothing_is_there_twice(played: Played) -> None:
    sender = played.office.client("vanthu")
    documents = [each for each in pages(sender, "/api/v1/documents") if each["code"] == NOTATION]
    assert len(documents) == 1

    status = sender.get(f"/api/v1/documents/{documents[0]['id']}/recipients-status").json()
    recipients = status["recipients"]
    assert len({each["unit_id"] for each in recipients}) == len(recipients) == 55
    numbers = [each["arrival_number"] for each in recipients if each["arrival_number"]]
    assert numbers == [1] * 52
    assert status["answered"] == 1

    school = played.office.client("vanthu.thcs")
    assert len(school.get("/api/v1/classes").json()) == 1
    books = pages(school, "/api/v1/archive/entries")
    assert len(books) == 1


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is not installed")
def test_another_reader_finds_every_signature_valid(played: Played) -> None:
    signed = 0
    for file in played.pdfs():
        said = subprocess.run(
            ["pdfsig", "-nocert", file], capture_output=True, text=True, check=False
        ).stdout
        for signature in re.split(r"^Signature #\d+:", said, flags=re.MULTILINE)[1:]:
            # Stamps of the archive are none of the kinds that this reader knows.
            if "Signature Field Name: Timestamp-" not in signature:
                assert "Signature is Valid." in signature, f"{file.name}\n{said}"
                signed += 1
    # Director and seal on the dispatch, sixteen on the book.
    assert signed >= 18


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_the_files_are_sound_pdf(played: Played) -> None:
    for file in played.pdfs():
        done = subprocess.run(
            ["qpdf", "--check", file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_went_into_the_archive_is_intact(played: Played) -> None:
    done = played.office.command("verify", "--json", *archived(played))

    assert done.returncode == 0, done.stdout + done.stderr
    for found in json.loads(done.stdout):
        assert found["verdict"] == "intact"
        assert found["signatures"]
        for signature in found["signatures"]:
            assert {"field", "signer", "capacity", "unit", "verdict", "indication"} <= set(
                signature
            )
            assert {"level", "signed_at", "time_source", "covers_whole_file"} <= set(signature)


def test_what_is_not_archived_yet_lacks_only_proof_of_revocation(played: Played) -> None:
    """Until the archive adds it, no file can prove by itself that a certificate was in force."""
    fresh = [each for each in played.pdfs() if each not in archived(played)]

    done = played.office.command("verify", "--json", *fresh)

    assert done.returncode == 2, done.stdout + done.stderr
    assert {found["verdict"] for found in json.loads(done.stdout)} == {"unverifiable"}


def test_one_flipped_byte_is_told(played: Played, tmp_path: Path) -> None:
    for file in [*played.pdfs(), *played.folder.glob("*.zip")]:
        content = bytearray(file.read_bytes())
        content[len(content) // 3] ^= 1
        touched = tmp_path / file.name
        touched.write_bytes(content)

        done = played.office.command("verify", touched)

        assert done.returncode == 1, f"{file.name}\n{done.stdout}{done.stderr}"


def test_what_cannot_be_checked_is_said_to_be_so(played: Played, tmp_path: Path) -> None:
    note = tmp_path / "ghi-chu.txt"
    note.write_text("Không phải tệp PDF, cũng không phải gói bằng chứng.\n")

    done = played.office.command("verify", note)

    assert done.returncode == 2, done.stdout + done.stderr


def test_log_and_office_are_well(played: Played) -> None:
    for command in (("audit", "verify"), ("doctor",)):
        done = played.office.command(*command)
        assert done.returncode == 0, done.stdout + done.stderr


def archived(played: Played) -> list[Path]:
    """The files that carry all their proof."""
    return sorted([*played.folder.glob("*luu-tru.pdf"), *played.folder.glob("*.zip")])


def pages(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """A whole list, part by part."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        part = client.get(path, params=query).raise_for_status().json()
        found += part["items"]
        cursor = part["next_cursor"]
    return found


def test_a_telling_whose_answers_are_forgotten_says_so_at_the_beginning(played: Played) -> None:
    """The office forgets them after two days of its clock. Last in this file: they are gone."""
    url = played.office.settings["EOFFICE_WORKER_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("delete from idempotency_keys")
        before = connection.execute("select count(*) from documents").fetchone()

    third = played.office.command("demo")

    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from documents").fetchone() == before
    assert third.returncode == 1
    assert "scripts/start --reset" in third.stderr
    assert "1.1-draft" not in third.stdout
