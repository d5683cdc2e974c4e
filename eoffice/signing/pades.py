"""Signing PDF (PAdES, ETSI EN 319 142-1) in two calls, so that no key is needed here.

    prepare   appends the signature's place to the file and says which bytes are to be signed
    finish    puts a signature over these bytes, and a time-stamp, into that place: level B-T

What makes them last is `lasting`. Between the two a key store signs `Prepared.signed_attributes`;
hours may pass, processes may die. Both work in place on a file that the caller opened for reading
and writing, and that is the caller's own copy: what was there before is not changed, but where one
of them raises, what it appended may be incomplete, and the copy is of no use any more. A file of
hundreds of megabytes is never in memory as a whole. Adapter over pyHanko: no database here.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Self

from asn1crypto import x509
from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.form_tools import annot_width_height, get_single_field_annot
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject

from eoffice.errors import Conflict, Invalid
from eoffice.signing import appearance as looks
from eoffice.signing import cms, mechanisms, policy, signed_pdf, timestamps, verdict
from eoffice.signing.certificates import Requirements
from eoffice.signing.keys.contract import Identity, WrongKey
from eoffice.signing.mechanisms import DIGEST, Mechanism, RsaScheme
from eoffice.signing.trust import TrustStore

#: Hexadecimal digits kept free for a signature. The largest of ours (RSA-3072, chain, time-stamp)
#: takes 13 000. A fixed place spares a trial signature and is the same for every authority.
RESERVED_DIGITS = 16384


#: How much of a file is in memory at once.
CHUNK_BYTES = 1024 * 1024


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
    """What is known of a file that waits for one signature value; its place is filled with zeros.

    `state()` goes into a database row, the file into the object store; together they are everything
    that is needed to finish, on any machine.
    """

    field: str
    #: The mechanism's hash over the file without that place.
    document_digest: bytes
    #: The bytes that a key store signs (DER of the signed attributes; they hold the digest).
    signed_attributes: bytes
    mechanism: Mechanism
    certificate: bytes
    chain: tuple[bytes, ...]
    #: Where the place begins and ends in the file, brackets included.
    place: tuple[int, int]
    #: What is known of the certificate and should be said, as whole sentences.
    notes: tuple[str, ...] = ()

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
            "notes": list(self.notes),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Self:
        """What `state` kept."""
        chain = state["chain"]
        if not isinstance(chain, list):
            raise TypeError("the chain is a list")
        start, end = (int(str(state[name])) for name in ("place_start", "place_end"))
        notes = state.get("notes", [])
        assert isinstance(notes, list)
        return cls(
            field=str(state["field"]),
            document_digest=_decoded(state["document_digest"]),
            signed_attributes=_decoded(state["signed_attributes"]),
            mechanism=Mechanism(str(state["mechanism"])),
            certificate=_decoded(state["certificate"]),
            chain=tuple(_decoded(one) for one in chain),
            place=(start, end),
            notes=tuple(map(str, notes)),
        )

    def is_of(self, file: BinaryIO) -> bool:
        """Whether this is the file that was prepared: the digest covers all but the place."""
        start, end = self.place
        digest = hashlib.new(self.mechanism.digest)
        file.seek(0)
        _update(digest, file, start)
        file.seek(end)
        _update(digest, file, None)
        return digest.digest() == self.document_digest


class Writer(IncrementalPdfFileWriter):
    """Appends a revision without touching the XMP metadata.

    The library would write its own name into them and so break PDF/A, where Info and XMP agree.
    """

    def _update_meta(self) -> None:
        pass

    def write_in_place(self) -> None:
        # Some programs end without a newline; the revision would begin on the line of %%EOF, which
        # PDF/A forbids.
        file = self.prev.stream
        file.seek(-1, os.SEEK_END)
        if file.read(1) not in b"\r\n":
            file.write(b"\n")
        super().write_in_place()  # type: ignore[no-untyped-call]


def prepare(
    file: BinaryIO,
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
    digest: str | None = None,
    must_be_usable: Requirements | None = None,
) -> Prepared:
    """Append the place for a signature into an empty signature field that the file already has.

    `capacity` ("GIÁM ĐỐC", "Giáo viên môn Toán") and `unit` are signed as part of the file and
    shown by every reader (`verdict.statement`). `signed_at` is the signer's own word; the proof of
    time is the time-stamp of `finish`. A field of no size shows no appearance. A seal locks what
    the field's /Lock says, or every field where it has none. Without `must_be_usable` nobody asks
    whether the certificate may sign: who ended or was revoked signs too.

    Raises NotSignable, FieldUnknown, NoMoreSignatures, KeyNotSuitable and what
    `certificates.require_usable` refuses.
    """
    notes: tuple[str, ...] = ()
    if must_be_usable is not None:
        notes = must_be_usable.check(identity.certificate, identity.chain, at=signed_at).warnings
    mechanism = policy.mechanism_for(identity.certificate, scheme, digest=digest)
    try:
        writer = writer_of(file)
        prepared = _prepare(
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
        return replace(prepared, notes=notes)
    except (misc.PdfError, ValueError, TypeError, KeyError) as failure:
        raise NotSignable(
            "Không ký được tệp này: tệp không phải PDF hợp lệ hoặc được ghi theo cách mà chữ ký số "
            "không giữ nguyên vẹn được. Hãy xuất lại tệp PDF rồi thử lại."
        ) from failure


def _prepare(
    writer: Writer,
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
    permissions = _permissions(widget, purpose, mechanism.digest)
    steps.send(SigObjSetup(place, mdp_setup=permissions))
    hashed, _ = steps.send(
        SigIOSetup(md_algorithm=mechanism.digest, in_place=True, chunk_size=CHUNK_BYTES)
    )
    who = cms.signatory(identity.certificate, identity.chain, mechanism)
    return Prepared(
        field=field,
        document_digest=hashed.document_digest,
        signed_attributes=cms.signed_attributes(who, hashed.document_digest),
        mechanism=mechanism,
        certificate=identity.certificate,
        chain=identity.chain,
        place=(hashed.reserved_region_start, hashed.reserved_region_end),
    )


def finish(
    file: BinaryIO,
    prepared: Prepared,
    signature: bytes,
    *,
    timestamp_url: str | None,
    timestamp_trust: TrustStore | None = None,
) -> None:
    """Put the signature into its place in the prepared file: level B-T, or B-B without an address.

    `timestamp_url` may hold several addresses, separated by blanks: the first that gives a right
    time-stamp is taken, and with `timestamp_trust` only one that leads to a root of it.
    May be called again with the same arguments; the time-stamp is then another one.
    Raises WrongKey: the value was not made with the certificate's key over these bytes.
    Raises TimestampUnavailable: nothing is written, call again later.
    """
    require_value_of(prepared, signature)
    envelope = cms.envelope(
        cms.signatory(prepared.certificate, prepared.chain, prepared.mechanism),
        prepared.signed_attributes,
        signature,
        timestamp=_token(signature, timestamp_url, timestamp_trust) if timestamp_url else None,
    )
    PreparedByteRangeDigest(prepared.document_digest, *prepared.place).fill_with_cms(file, envelope)


def require_value_of(prepared: Prepared, signature: bytes) -> None:
    """Raises WrongKey: the value was not made with the certificate's key over these bytes."""
    if not mechanisms.is_signed_by(
        prepared.certificate, signature, prepared.signed_attributes, prepared.mechanism
    ):
        raise WrongKey(
            "Giá trị chữ ký không khớp với chứng thư số của người ký. Văn bản chưa được ký; "
            "hãy kiểm tra thiết bị ký rồi ký lại."
        )


def writer_of(file: BinaryIO) -> Writer:
    """For one more revision of the file. Raises NotSignable: it has a password."""
    writer = Writer(file)
    if writer.prev.encrypted:
        raise NotSignable("Tệp PDF có mật khẩu nên không ký được. Hãy bỏ mật khẩu rồi thử lại.")
    return writer


def _require_empty_field(writer: Writer, field: str) -> None:
    for _name, value, _reference in fields.enumerate_sig_fields(writer, with_name=field):
        if value is None:
            return
        raise FieldUnknown("Ô chữ ký này đã được ký.")
    raise FieldUnknown(f"Văn bản không có ô chữ ký “{field}”.")


def _permissions(field: generic.DictionaryObject, purpose: Purpose, digest: str) -> SigMDPSetup:
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
        md_algorithm=digest,
        certify=purpose is Purpose.CERTIFY,
        field_lock=lock,
        docmdp_perms=allowed,
    )


def _draw(
    writer: Writer, field: generic.DictionaryObject, appearance: looks.Appearance | None
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


def _token(signature: bytes, url: str, trust: TrustStore | None) -> bytes:
    """A time-stamp over the signature's value (EN 319 122-1, 5.3)."""
    imprint = hashlib.new(DIGEST, signature).digest()
    return timestamps.of_setting(url, trust=trust).stamp(imprint, DIGEST).der


def _common_name(certificate: bytes) -> str:
    return str(x509.Certificate.load(certificate).subject.native.get("common_name", ""))


def _update(digest: hashlib._Hash, file: BinaryIO, length: int | None) -> None:
    """Read `length` bytes from where the file stands, or all that are left."""
    left = sys.maxsize if length is None else length
    while left and (piece := file.read(min(left, CHUNK_BYTES))):
        digest.update(piece)
        left -= len(piece)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(value: object) -> bytes:
    return base64.b64decode(str(value), validate=True)
