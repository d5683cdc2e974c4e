"""Signing PDF (PAdES, ETSI EN 319 142-1) in three calls, so that no key is needed here.

    prepare   writes the signature's place into the file and says which bytes are to be signed
    finish    puts a signature over these bytes, and a time-stamp, into that place: level B-T
    augment   adds what a verifier will need in decades, and a time-stamp over it: level B-LTA

Between the first two a key store signs `Prepared.signed_attributes`; hours may pass, processes may
die. Everything works on whole files in memory and returns new bytes; nothing is changed in place.
Adapter over pyHanko: no database here.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.form_tools import annot_width_height, get_single_field_annot
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.signers import ExternalSigner, PdfTimeStamper
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.errors import Conflict, Invalid
from eoffice.signing import appearance as looks
from eoffice.signing import chains, mechanisms, signed_pdf, verdict
from eoffice.signing.keys.contract import Identity, WrongKey
from eoffice.signing.mechanisms import DIGEST, Mechanism, RsaScheme
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.timestamps import Authority
from eoffice.signing.trust import TrustStore

#: Hexadecimal digits kept free for a signature. The largest of ours (RSA-3072, chain, time-stamp)
#: takes 13 000. A fixed place spares a trial signature and is the same for every authority.
RESERVED_DIGITS = 16384


class NotSignable(Invalid):
    """The file is no PDF that can be signed without rewriting it."""


class FieldUnknown(Conflict):
    """The file has no empty signature field of that name."""


class NoMoreSignatures(Conflict):
    """An earlier signature has closed the file."""


class Purpose(StrEnum):
    #: The first signature of a dispatch: form fields may still be filled, nothing else (DocMDP 2).
    CERTIFY = "certify"
    #: One of several signatures on the same content.
    APPROVE = "approve"
    #: Closes the fields: what they say now is what is sealed (FieldMDP).
    SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that waits for one signature value.

    `state()` goes into a database row, `pdf` into the object store; together they are everything
    that is needed to finish, on any machine.
    """

    #: The file with the signature's place filled with zeros.
    pdf: bytes
    field: str
    #: SHA-256 over the file without that place.
    document_digest: bytes
    #: The bytes that a key store signs (DER of the signed attributes; they hold the digest).
    signed_attributes: bytes
    mechanism: Mechanism
    certificate: bytes
    chain: tuple[bytes, ...]
    #: Where the place begins and ends in `pdf`, brackets included.
    place: tuple[int, int]

    def state(self) -> dict[str, str | int | list[str]]:
        """Everything but the file itself, for JSON."""
        return {
            "field": self.field,
            "document_digest": _encoded(self.document_digest),
            "signed_attributes": _encoded(self.signed_attributes),
            "mechanism": self.mechanism.value,
            "certificate": _encoded(self.certificate),
            "chain": [_encoded(one) for one in self.chain],
            "place_start": self.place[0],
            "place_end": self.place[1],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object], pdf: bytes) -> Self:
        """Put together again what `state` and the object store kept.

        Raises ValueError: this is not the file that was prepared.
        """
        chain = state["chain"]
        if not isinstance(chain, list):
            raise TypeError("the chain is a list")
        start, end = (int(str(state[name])) for name in ("place_start", "place_end"))
        restored = cls(
            pdf=pdf,
            field=str(state["field"]),
            document_digest=_decoded(state["document_digest"]),
            signed_attributes=_decoded(state["signed_attributes"]),
            mechanism=Mechanism(str(state["mechanism"])),
            certificate=_decoded(state["certificate"]),
            chain=tuple(_decoded(one) for one in chain),
            place=(start, end),
        )
        if hashlib.sha256(pdf[:start] + pdf[end:]).digest() != restored.document_digest:
            raise ValueError("not the file that was prepared for this signature")
        return restored


class _Writer(IncrementalPdfFileWriter):
    """Appends a revision without touching the XMP metadata.

    The library would write its own name into them and so break PDF/A, where Info and XMP agree.
    """

    def _update_meta(self) -> None:
        pass


def prepare(
    pdf: bytes,
    *,
    field: str,
    identity: Identity,
    purpose: Purpose,
    capacity: str,
    unit: str,
    signed_at: datetime,
    appearance: looks.Appearance | None = None,
    location: str | None = None,
    scheme: RsaScheme = RsaScheme.PSS,
) -> Prepared:
    """Write the place for a signature into an empty signature field that the file already has.

    `capacity` ("GIÁM ĐỐC", "Giáo viên môn Toán") and `unit` are signed as part of the file and
    shown by every reader (`verdict.statement`). `signed_at` is the signer's own word; the proof of
    time is the time-stamp of `finish`. A field of no size shows no appearance. A seal locks what
    the field's /Lock says, or every field where it has none.

    Raises NotSignable, FieldUnknown, NoMoreSignatures, KeyNotSuitable.
    """
    mechanism = mechanisms.mechanism_for(identity.certificate, scheme)
    try:
        writer = _writer(pdf)
        return _prepare(
            writer,
            field=field,
            identity=identity,
            mechanism=mechanism,
            purpose=purpose,
            appearance=appearance,
            place=SignatureObject(
                timestamp=signed_at,
                subfilter=fields.SigSeedSubFilter.PADES,
                name=_common_name(identity.certificate),
                location=location,
                reason=verdict.statement(capacity, unit),
                bytes_reserved=RESERVED_DIGITS,
            ),
        )
    except (misc.PdfError, ValueError, TypeError, KeyError) as failure:
        raise NotSignable(
            "Không ký được tệp này: tệp không phải PDF hợp lệ hoặc được ghi theo cách mà chữ ký số "
            "không giữ nguyên vẹn được. Hãy xuất lại tệp PDF rồi thử lại."
        ) from failure


def _prepare(
    writer: _Writer,
    *,
    field: str,
    identity: Identity,
    mechanism: Mechanism,
    purpose: Purpose,
    appearance: looks.Appearance | None,
    place: SignatureObject,
) -> Prepared:
    # Nobody asks here what the signatures themselves hold, so they are not taken apart.
    signed_before = [one for _, one in signed_pdf.filled_fields(writer.prev)]
    if any(signed_pdf.closes_file(one) for one in signed_before):
        raise NoMoreSignatures("Văn bản đã được đóng bằng con dấu số, không ký thêm được nữa.")
    if purpose is Purpose.CERTIFY and signed_before:
        raise NoMoreSignatures("Văn bản đã có chữ ký, không thể ký xác nhận lần đầu nữa.")
    _require_empty_field(writer, field)
    writer.ensure_output_version((1, 7))  # type: ignore[no-untyped-call]
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)

    # The library's protocol: field, then signature object, then the hashed file.
    steps = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
    widget = next(steps).get_object()
    _draw(writer, widget, appearance)
    steps.send(SigObjSetup(place, mdp_setup=_permissions(widget, purpose)))
    hashed, output = steps.send(SigIOSetup(md_algorithm=DIGEST))
    signer = _signer(identity.certificate, identity.chain, mechanism, b"")
    attributes = asyncio.run(signer.signed_attrs(hashed.document_digest, DIGEST, use_pades=True))
    return Prepared(
        pdf=output.getvalue(),
        field=field,
        document_digest=hashed.document_digest,
        signed_attributes=attributes.dump(),
        mechanism=mechanism,
        certificate=identity.certificate,
        chain=identity.chain,
        place=(hashed.reserved_region_start, hashed.reserved_region_end),
    )


def finish(prepared: Prepared, signature: bytes, *, timestamp_url: str | None) -> bytes:
    """The signed file: level B-T, or B-B without an address.

    May be called again with the same arguments; the time-stamp is then another one.
    Raises WrongKey: the value was not made with the certificate's key over these bytes.
    Raises TimestampUnavailable: nothing is written, call again later.
    """
    if not mechanisms.is_signed_by(
        prepared.certificate, signature, prepared.signed_attributes, prepared.mechanism
    ):
        raise WrongKey(
            "Giá trị chữ ký không khớp với chứng thư số của người ký. Văn bản chưa được ký; "
            "hãy kiểm tra thiết bị ký rồi ký lại."
        )
    signer = _signer(prepared.certificate, prepared.chain, prepared.mechanism, signature)
    envelope = asyncio.run(
        signer.async_sign_prescribed_attributes(
            DIGEST,
            signed_attrs=cms.CMSAttributes.load(prepared.signed_attributes),
            timestamper=Authority(timestamp_url) if timestamp_url else None,
        )
    )
    output = io.BytesIO(prepared.pdf)
    PreparedByteRangeDigest(prepared.document_digest, *prepared.place).fill_with_cms(
        output, envelope
    )
    return output.getvalue()


def augment(pdf: bytes, *, trust: TrustStore, timestamp_url: str, at: datetime) -> bytes:
    """Make every signature verifiable for decades and without a network: level B-LTA.

    Adds chains and revocation data of all signatures and time-stamps, then a time-stamp over the
    whole file. A file that already ends with one comes back unchanged, so a retry does no harm.
    Signers whom no trust anchor vouches for are left as they are: nobody can be asked about them.
    Raises RevocationUnavailable, TimestampUnavailable: call again later. So it is too where the
    clock was moved, or an answer ran out, between the answers and the time-stamp over them.
    Raises NotSignable: not a PDF, or not one to which something can be appended.
    """
    try:
        writer = _writer(pdf)
        signatures = list(signed_pdf.signatures(writer.prev))
        if any(_closes_file(one, len(pdf)) for one in signatures):
            return pdf
        authority = Authority(timestamp_url)
        gathered = _gather(
            signatures, authority, signed_pdf.stored_evidence(writer.prev), trust=trust, at=at
        )
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=gathered.certificates,
            ocsps=gathered.ocsp_responses,
            crls=gathered.crls,
        )
        stamped = asyncio.run(
            PdfTimeStamper(authority).async_timestamp_pdf(
                writer, DIGEST, bytes_reserved=RESERVED_DIGITS
            )
        )
    except (misc.PdfError, ValueError, TypeError, KeyError) as failure:
        raise NotSignable(
            "Không bổ sung được dữ liệu xác minh lâu dài vì tệp không phải PDF hợp lệ."
        ) from failure
    lasting = bytes(stamped.getvalue())
    _require_lasting(lasting, trust)
    return lasting


def _require_lasting(pdf: bytes, trust: TrustStore) -> None:
    """The file must tell of its last time-stamp that it was good at its own time."""
    reader = PdfFileReader(io.BytesIO(pdf))
    token = list(signed_pdf.signatures(reader))[-1].signed_data
    own, others = signed_pdf.certificates_in(token)
    found = chains.judge(
        own,
        signed_pdf.stored_evidence(reader).with_certificates(others),
        trust=trust,
        at=signed_pdf.stamped_at(token),
        purpose=chains.Purpose.TIMESTAMP,
    )
    if found.standing is chains.Standing.NO_REVOCATION_DATA:
        raise RevocationUnavailable(
            "Dữ liệu thu hồi không còn hiệu lực vào lúc cấp dấu thời gian. Hãy thử lại sau ít phút."
        )


def _gather(
    signatures: Sequence[EmbeddedPdfSignature],
    authority: Authority,
    stored: chains.Evidence,
    *,
    trust: TrustStore,
    at: datetime,
) -> chains.Evidence:
    """What a verifier will need about every certificate in the file and about the new time-stamp.

    A certificate about which the file already holds enough is not asked about again.
    """
    desk = RevocationDesk()
    token = asyncio.run(authority.async_dummy_response(DIGEST))
    subjects = [(token["content"], chains.Purpose.TIMESTAMP)]
    for signature in signatures:
        is_stamp = signed_pdf.is_timestamp(signature)
        kind = chains.Purpose.TIMESTAMP if is_stamp else chains.Purpose.SIGNATURE
        subjects.append((signature.signed_data, kind))
        subjects += (
            (one, chains.Purpose.TIMESTAMP) for one in signed_pdf.signature_timestamps(signature)
        )
    gathered = chains.Evidence()
    for signed_data, purpose in subjects:
        own, others = signed_pdf.certificates_in(signed_data)
        evidence = stored.and_also(gathered).with_certificates(others)
        chain = chains.judge(own, evidence, trust=trust, at=at, purpose=purpose, revocation=False)
        if not chain.path:
            continue
        known = chains.judge(own, evidence, trust=trust, at=at, purpose=purpose)
        if known.standing in {chains.Standing.GOOD, chains.Standing.REVOKED}:
            continue
        answers = desk.ask(chain.path)
        told = chains.judge(own, evidence.and_also(answers), trust=trust, at=at, purpose=purpose)
        if told.standing is chains.Standing.NO_REVOCATION_DATA:
            raise RevocationUnavailable(
                "Cơ quan chứng thực trả lời không đầy đủ về tình trạng thu hồi của chứng thư số. "
                "Hãy thử lại sau ít phút."
            )
        gathered = gathered.and_also(answers)
    return gathered


def _writer(pdf: bytes) -> _Writer:
    # Some programs end without a newline; the next revision would begin on the line of %%EOF,
    # which PDF/A forbids.
    writer = _Writer(io.BytesIO(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"))
    if writer.prev.encrypted:
        raise NotSignable("Tệp PDF có mật khẩu nên không ký được. Hãy bỏ mật khẩu rồi thử lại.")
    return writer


def _require_empty_field(writer: _Writer, field: str) -> None:
    for _name, value, _reference in fields.enumerate_sig_fields(writer, with_name=field):
        if value is None:
            return
        raise FieldUnknown("Ô chữ ký này đã được ký.")
    raise FieldUnknown(f"Văn bản không có ô chữ ký “{field}”.")


def _permissions(field: generic.DictionaryObject, purpose: Purpose) -> SigMDPSetup:
    """What may still happen to the file afterwards (ISO 32000-1, 12.8.2.2 and 12.8.2.4)."""
    lock: fields.FieldMDPSpec | None = None
    allowed: fields.MDPPerm | None = None
    if "/Lock" in field:
        lock = fields.FieldMDPSpec.from_pdf_object(field["/Lock"])
        if "/P" in field["/Lock"]:
            allowed = fields.MDPPerm(field["/Lock"]["/P"])
    elif purpose is Purpose.SEAL:
        lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    if purpose is Purpose.CERTIFY:
        allowed = min(allowed or fields.MDPPerm.FILL_FORMS, fields.MDPPerm.FILL_FORMS)
    return SigMDPSetup(
        md_algorithm=DIGEST,
        certify=purpose is Purpose.CERTIFY,
        field_lock=lock,
        docmdp_perms=allowed,
    )


def _draw(
    writer: _Writer, field: generic.DictionaryObject, appearance: looks.Appearance | None
) -> None:
    widget = get_single_field_annot(field)
    width, height = (float(side) for side in annot_width_height(widget))
    if not width or not height or appearance is None:
        return
    page = looks.render(appearance, width_pt=width, height_pt=height)
    drawn = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(page)))
    widget[pdf_name("/AP")] = generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {pdf_name("/N"): drawn}
    )
    writer.update_container(widget)


def _signer(
    certificate: bytes, chain: Sequence[bytes], mechanism: Mechanism, signature: bytes
) -> ExternalSigner:
    return ExternalSigner(
        signing_cert=x509.Certificate.load(certificate),
        cert_registry=SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]
            chains.load_certificates(chain)
        ),
        signature_value=signature,
        signature_mechanism=mechanisms.algorithm_identifier(mechanism),
        embed_roots=False,
    )


def _closes_file(signature: EmbeddedPdfSignature, size_bytes: int) -> bool:
    """Whether this is a time-stamp over everything that there is."""
    _, _, start, length = (int(one) for one in signature.byte_range)
    return signed_pdf.is_timestamp(signature) and start + length == size_bytes


def _common_name(certificate: bytes) -> str:
    return str(x509.Certificate.load(certificate).subject.native.get("common_name", ""))


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(value: object) -> bytes:
    return base64.b64decode(str(value), validate=True)
