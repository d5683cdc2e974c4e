"""A software token (SoftHSM2) with keys of the cast, for tests and benchmarks of PKCS#11."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key, decode_ec_public_key
from pkcs11.util.rsa import decode_rsa_private_key, decode_rsa_public_key

from eoffice.embedded.pki import Pki, Subject
from tests import pki as cast

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN = "eoffice-tests"
#: Two tokens have this label.
TWINS = "eoffice-twins"


Pkcs12Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def is_installed() -> bool:
    return LIBRARY.exists() and shutil.which("softhsm2-util") is not None


def make_token(pki: Pki, subjects: Sequence[Subject], directory: Path) -> Path:
    """The library, with a token `TOKEN` that holds the subjects' keys and opens with `cast.PIN`.

    Once in a process: the library reads the token's place when it is loaded.
    """
    settings = directory / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {directory}\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    for label in (TOKEN, TWINS, TWINS):
        run = ["softhsm2-util", "--init-token", "--free", "--label", label]
        pins = ["--pin", cast.PIN, "--so-pin", "13579"]
        subprocess.run([*run, *pins], check=True, capture_output=True)
    for number, subject in enumerate(subjects, start=1):
        _import(pki, subject, number, directory)
    return LIBRARY


def put(
    label: str, number: bytes, *, key: Pkcs12Key | None = None, certificate: bytes = b""
) -> None:
    """One more key, with its public half, or one more certificate, on `TOKEN`."""
    with (
        pkcs11.lib(str(LIBRARY))
        .get_token(token_label=TOKEN)
        .open(rw=True, user_pin=cast.PIN) as session
    ):
        if key is not None:
            named = {Attribute.LABEL: label, Attribute.ID: number, Attribute.TOKEN: True}
            session.create_object(_decoded(key) | named | {Attribute.SIGN: True})
            public = key.public_key()
            session.create_object(_decoded_public(public) | named)
        if certificate:
            subject = x509.load_der_x509_certificate(certificate).subject
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: label,
                    Attribute.ID: number,
                    Attribute.SUBJECT: subject.public_bytes(),
                    Attribute.VALUE: certificate,
                }
            )


def _decoded(key: Pkcs12Key) -> dict[Attribute, Any]:
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    decode = decode_rsa_private_key if isinstance(key, rsa.RSAPrivateKey) else decode_ec_private_key
    return dict(decode(der))


def _decoded_public(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> dict[Attribute, Any]:
    if isinstance(key, rsa.RSAPublicKey):
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        return dict(decode_rsa_public_key(der))
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return dict(decode_ec_public_key(der))


def _import(pki: Pki, subject: Subject, number: int, directory: Path) -> None:
    key, certificate, _ = pkcs12.load_key_and_certificates(
        pki.key_file(subject.label).read_bytes(), cast.PIN.encode()
    )
    assert key is not None
    assert certificate is not None
    file = directory / "key.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    run = ["softhsm2-util", "--import", str(file), "--token", TOKEN, "--label", subject.label]
    subprocess.run([*run, "--id", f"0{number}", "--pin", cast.PIN], check=True, capture_output=True)
    with (
        pkcs11.lib(str(LIBRARY))
        .get_token(token_label=TOKEN)
        .open(rw=True, user_pin=cast.PIN) as session
    ):
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.LABEL: subject.label,
                Attribute.ID: bytes([number]),
                Attribute.SUBJECT: certificate.subject.public_bytes(),
                Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
            }
        )
