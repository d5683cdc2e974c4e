"""Signing in three calls: prepared, signed elsewhere, finished; and nothing is lost in between."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest
from asn1crypto import x509

from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.signing import chains, pades
from eoffice.signing.appearance import Handwriting
from eoffice.signing.keys.contract import WrongKey
from eoffice.signing.lasting import make_lasting
from eoffice.signing.mechanisms import Mechanism, RsaScheme
from eoffice.signing.pades import (
    FieldUnknown,
    NoMoreSignatures,
    NotSignable,
    Prepared,
    Purpose,
)
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.timestamps import TimestampUnavailable
from eoffice.signing.trust import TrustStore
from tests import pki as cast
from tests.pdfa import assert_pdfa
from tests.signing import papers
from tests.signing.papers import Dispatch

pytestmark = pytest.mark.usefixtures("in_2018")


def file_of(pdf: bytes | None = None) -> io.BytesIO:
    return io.BytesIO(papers.plain() if pdf is None else pdf)


def prepared(pki: Pki, file: BinaryIO, field: str = "signature_person") -> Prepared:
    return pades.prepare(
        file,
        field=field,
        identity=cast.key_store(pki, cast.DIRECTOR).identity(),
        purpose=Purpose.CERTIFY,
        capacity="Giám đốc",
        unit=papers.DEPARTMENT,
        signed_at=clock.now(),
        appearance=Handwriting("Trần Thanh Liêm"),
    )


def value_for(pki: Pki, waiting: Prepared) -> bytes:
    with cast.key_store(pki, cast.DIRECTOR).open(cast.PIN) as key:
        return key.sign(waiting.signed_attributes, waiting.mechanism)


def test_what_is_to_be_signed_holds_the_digest_of_the_file(pki: Pki) -> None:
    waiting = prepared(pki, file_of())
    assert waiting.document_digest in waiting.signed_attributes
    assert waiting.mechanism is Mechanism.RSA_PSS_SHA256


def test_the_earlier_bytes_of_the_file_are_not_touched(dispatch: Dispatch) -> None:
    lives = (
        dispatch.plain,
        dispatch.certified,
        dispatch.numbered,
        dispatch.sealed,
        dispatch.archived,
    )
    for before, after in pairwise(lives):
        assert after.startswith(before)


def test_a_prepared_signature_survives_the_death_of_its_process(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    restored = Prepared.from_state(json.loads(json.dumps(waiting.state())))
    assert restored == waiting
    other = io.BytesIO(file.getvalue())
    assert restored.is_of(other)
    pades.finish(other, restored, value_for(pki, waiting), timestamp_url=pki.timestamp_url)
    assert restored.is_of(other)
    assert len(other.getvalue()) == len(file.getvalue())
    assert b"/ByteRange" in other.getvalue()


def test_a_prepared_signature_knows_its_file_from_every_other(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    pdf = file.getvalue()
    start, end = waiting.place
    assert not waiting.is_of(io.BytesIO(pdf.replace(b"%PDF-1.7", b"%PDF-1.6")))
    assert not waiting.is_of(io.BytesIO(pdf + b"\n"))
    assert not waiting.is_of(io.BytesIO(pdf[:-1]))
    assert not waiting.is_of(io.BytesIO(b""))
    assert waiting.is_of(io.BytesIO(pdf[:start] + b"1" * (end - start) + pdf[end:]))


def test_a_file_on_disk_gets_the_same_bytes_as_one_in_memory(pki: Pki, tmp_path: Path) -> None:
    """Nothing of a large file is kept in memory: it is read and written where it lies."""
    file = file_of()
    waiting = prepared(pki, file)
    value = value_for(pki, waiting)
    on_disk = tmp_path / "prepared.pdf"
    on_disk.write_bytes(file.getvalue())
    pades.finish(file, waiting, value, timestamp_url=None)
    with on_disk.open("r+b") as other:
        assert waiting.is_of(other)
        pades.finish(other, waiting, value, timestamp_url=None)
    assert on_disk.read_bytes() == file.getvalue()


def test_finishing_twice_gives_two_good_files(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    value = value_for(pki, waiting)
    pades.finish(file, waiting, value, timestamp_url=pki.timestamp_url)
    first = file.getvalue()
    pades.finish(file, waiting, value, timestamp_url=pki.timestamp_url)
    assert len(first) == len(file.getvalue())
    assert first != file.getvalue()
    assert waiting.is_of(file)


def test_a_signature_of_another_key_is_not_embedded(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    with cast.key_store(pki, cast.SEAL).open(cast.PIN) as key:
        foreign = key.sign(waiting.signed_attributes, waiting.mechanism)
    before = file.getvalue()
    with pytest.raises(WrongKey):
        pades.finish(file, waiting, foreign, timestamp_url=pki.timestamp_url)
    assert file.getvalue() == before


def test_a_signature_over_other_bytes_is_not_embedded(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    value = value_for(pki, replace(waiting, signed_attributes=b"something else"))
    with pytest.raises(WrongKey):
        pades.finish(file, waiting, value, timestamp_url=pki.timestamp_url)


def test_without_a_time_stamp_authority_nothing_is_written(pki: Pki) -> None:
    waiting = prepared(pki, file := file_of())
    value = value_for(pki, waiting)
    before = file.getvalue()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(TimestampUnavailable):
            pades.finish(file, waiting, value, timestamp_url=nobody)
    for url in (f"{pki.base_url}/ready", f"{pki.base_url}/ocsp"):
        with pytest.raises(TimestampUnavailable):
            pades.finish(file, waiting, value, timestamp_url=url)
    assert file.getvalue() == before


def test_only_an_empty_field_of_the_file_can_be_signed(pki: Pki, dispatch: Dispatch) -> None:
    with pytest.raises(FieldUnknown):
        prepared(pki, file_of(), field="signature_nobody")
    with pytest.raises(FieldUnknown):
        papers.sign(pki, dispatch.certified, "signature_person", cast.TEACHER)


def test_only_the_first_signature_certifies(pki: Pki, dispatch: Dispatch) -> None:
    with pytest.raises(NoMoreSignatures):
        prepared(pki, file_of(dispatch.certified), "signature_extra")


@pytest.mark.parametrize("broken", [b"", b"not a PDF", b"%PDF-1.7\n%%EOF\n", papers.plain()[:-400]])
def test_a_file_that_cannot_keep_a_signature_is_refused(pki: Pki, broken: bytes) -> None:
    with pytest.raises(NotSignable):
        prepared(pki, file_of(broken))


def test_a_file_with_a_password_is_refused(pki: Pki) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.plain())) as file:
        file.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(NotSignable, match="mật khẩu"):
        prepared(pki, locked)


def test_signing_keeps_pdf_a(dispatch: Dispatch) -> None:
    for pdf in (dispatch.certified, dispatch.numbered, dispatch.sealed, dispatch.archived):
        assert_pdfa(pdf, "2b", signed=True)


def test_a_file_without_a_last_newline_stays_pdf_a(pki: Pki) -> None:
    prepared(pki, file := file_of(papers.plain().rstrip(b"\n")))
    assert b"%%EOF\n" in file.getvalue()
    assert_pdfa(file.getvalue(), "2b", signed=True)


def test_archiving_again_changes_nothing(pki: Pki, dispatch: Dispatch) -> None:
    assert papers.archive(pki, dispatch.archived) == dispatch.archived


def test_archiving_without_revocation_data_is_put_off(pki: Pki, trust: TrustStore) -> None:
    """The address in this certificate answers nothing: its authority is not served."""
    signed = papers.sign(pki, papers.plain(), "signature_extra", cast.TEACHER)
    unreachable = "http://127.0.0.1:9/tsa"
    with pytest.raises((TimestampUnavailable, RevocationUnavailable)):
        make_lasting(io.BytesIO(signed), trust=trust, timestamp_url=unreachable, at=clock.now())


def test_archiving_is_put_off_when_the_clock_moves_past_the_revocation_data(
    pki: Pki, dispatch: Dispatch, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers are of the 13th, the time-stamp of the 25th: nobody could verify it later."""
    asked = RevocationDesk.ask

    def ask_and_move_the_clock(
        desk: RevocationDesk, path: Sequence[x509.Certificate]
    ) -> chains.Evidence:
        found = asked(desk, path)
        later = papers.SIGNED_AT + timedelta(days=12)
        clock.set_office_clock(Path(os.environ[clock.CLOCK_FILE]), later)
        return found

    monkeypatch.setattr(RevocationDesk, "ask", ask_and_move_the_clock)
    with pytest.raises(RevocationUnavailable, match="vào lúc cấp dấu thời gian"):
        make_lasting(
            io.BytesIO(dispatch.sealed),
            trust=trust,
            timestamp_url=pki.timestamp_url,
            at=clock.now(),
        )


@pytest.mark.parametrize("scheme", RsaScheme)
def test_another_program_finds_the_signatures_valid(
    pki: Pki, pdfsig: str, tmp_path: Path, scheme: RsaScheme
) -> None:
    certified = papers.sign(
        pki,
        papers.plain(),
        "signature_person",
        cast.DIRECTOR,
        purpose=Purpose.CERTIFY,
        scheme=scheme,
    )
    sealed = papers.seal(pki, papers.fill(certified))
    file = tmp_path / "signed.pdf"
    file.write_bytes(papers.archive(pki, sealed))
    report = subprocess.run(
        [pdfsig, "-nocert", file], capture_output=True, text=True, check=False
    ).stdout
    assert report.count("Signature Validation: Signature is Valid.") == 2
    assert "Total document signed" in report
