"""The trust services of one machine: kept on disk, and answering at the office clock."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from asn1crypto import crl, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

import eoffice
from eoffice.embedded.pki import KeyKind, Pki, Subject, load, materialise
from tests import pki as cast

THEN = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


def certificate(pki: Pki, subject: Subject) -> x509.Certificate:
    file = pki.key_file(subject.label).with_suffix(".pem")
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


def status(pki: Pki, subject: Subject) -> ocsp.OCSPCertStatus:
    authority = x509.load_der_x509_certificate(httpx.get(f"{pki.base_url}/ca/issuing.crt").content)
    question = ocsp.OCSPRequestBuilder().add_certificate(
        certificate(pki, subject), authority, hashes.SHA256()
    )
    answer = httpx.post(
        f"{pki.base_url}/ocsp", content=question.build().public_bytes(serialization.Encoding.DER)
    )
    return ocsp.load_der_ocsp_response(answer.content).certificate_status


def test_a_second_call_keeps_what_exists_and_adds_what_is_new(tmp_path: Path) -> None:
    known = Subject("known", "Người Cũ", "Trường", "1234")
    first = materialise(tmp_path, [known], port=40001)
    before = first.key_file("known").read_bytes()
    second = materialise(
        tmp_path, [known, Subject("new", "Người Mới", "Trường", "5678")], port=40002
    )
    assert second.port == first.port == load(tmp_path).port == 40001
    assert second.key_file("known").read_bytes() == before
    assert second.key_file("new").exists()


def test_each_key_opens_with_its_own_pin_only(tmp_path: Path) -> None:
    subjects = [
        Subject("one", "Người Một", "Trường", "1111", "Giáo viên", key=KeyKind.RSA_2048),
        Subject("two", "Người Hai", "Trường", "2222"),
    ]
    made = materialise(tmp_path, subjects, port=40003)
    sealed = made.key_file("one").read_bytes()
    _, found, _ = pkcs12.load_key_and_certificates(sealed, b"1111")
    assert found is not None
    assert found.subject.get_attributes_for_oid(NameOID.TITLE)[0].value == "Giáo viên"
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(sealed, b"2222")


def test_a_label_cannot_leave_its_directory(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="label"):
        materialise(tmp_path, [Subject("../x", "X", "Y", "1")], port=40004)


def test_a_time_stamp_says_the_office_time(pki: Pki, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"van ban").digest()
    question = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": digest,
            },
            "cert_req": True,
            "nonce": 20180813,
        }
    )
    with cast.office_clock(tmp_path / "clock", THEN):
        answer = httpx.post(pki.timestamp_url, content=question.dump())
    token = tsp.TimeStampResp.load(answer.content)["time_stamp_token"]["content"]
    stated = token["encap_content_info"]["content"].parsed
    assert stated["message_imprint"]["hashed_message"].native == digest
    assert stated["nonce"].native == 20180813
    assert abs(stated["gen_time"].native - THEN) < timedelta(minutes=1)


def test_a_revocation_begins_at_its_time(pki: Pki, tmp_path: Path) -> None:
    with cast.office_clock(tmp_path / "clock", datetime(2018, 5, 1, tzinfo=UTC)):
        assert status(pki, cast.REVOKED) is ocsp.OCSPCertStatus.GOOD
        assert not listed(pki)
    with cast.office_clock(tmp_path / "clock", THEN):
        assert status(pki, cast.REVOKED) is ocsp.OCSPCertStatus.REVOKED
        assert listed(pki) == [certificate(pki, cast.REVOKED).serial_number]
        assert status(pki, cast.TEACHER) is ocsp.OCSPCertStatus.GOOD


def listed(pki: Pki) -> list[int]:
    answer = httpx.get(f"{pki.base_url}/crl/issuing.crl").content
    entries = crl.CertificateList.load(answer)["tbs_cert_list"]["revoked_certificates"]
    return [one["user_certificate"].native for one in entries]


def test_a_stranger_is_not_vouched_for(pki: Pki) -> None:
    assert status(pki, cast.STRANGER) is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize(
    ("method", "path", "content", "code"),
    [
        ("GET", "/ready", b"", 200),
        ("GET", "/crl/unknown.crl", b"", 404),
        ("GET", "/ca/../register.json", b"", 404),
        ("POST", "/tsa", b"nonsense", 400),
        ("POST", "/ocsp", b"nonsense", 400),
        ("POST", "/tsa", b"x" * 70_000, 413),
        ("POST", "/elsewhere", b"x", 404),
    ],
)
def test_other_questions_get_a_plain_no(
    pki: Pki, method: str, path: str, content: bytes, code: int
) -> None:
    assert httpx.request(method, pki.base_url + path, content=content).status_code == code


def test_the_program_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with cast.trust_services(tmp_path) as made:
        taken = subprocess.run(
            [sys.executable, "-m", "eoffice.embedded.pki", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(eoffice.__file__).parents[1],
        )
        assert taken.returncode == 1
        assert "Không mở được cổng" in taken.stderr
    program = subprocess.Popen(
        [sys.executable, "-m", "eoffice.embedded.pki", str(tmp_path)],
        cwd=Path(eoffice.__file__).parents[1],
    )
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
            assert client.get(made.ready_url).status_code == 200
    finally:
        program.terminate()
    assert program.wait(10) == 0
