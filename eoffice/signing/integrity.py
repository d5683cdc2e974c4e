"""Whether a file still says what was signed: byte ranges, revisions, and what lies between them.

Adapter over pyHanko's analysis of revisions, with guards of our own where it is known to be blind
(version 0.38): a revision behind an empty cross-reference table, bytes behind the last revision,
bytes inside a signature's place that no digest covers.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto

import pikepdf
from asn1crypto import cms, parser
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    ModificationLevel,
    StandardDiffPolicy,
)
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    GenericFieldModificationRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko.sign.validation.utils import extract_message_digest

from eoffice.signing import signed_pdf

#: What libraries raise over files that somebody has damaged on purpose or by accident.
MALFORMED = (
    PdfError,
    pikepdf.PdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)

#: The library reports every later revision as a change of a locked field whose appearance was
#: written before the lock (its comparison of revisions is off by one); without changes in place,
#: which we never make, all cases come out right.
_POLICY = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),  # type: ignore[no-untyped-call]
            SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
            GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
        ]
    ),
)

#: Behind white space or a delimiter, which may be the last byte that somebody signed.
_OBJECT = re.compile(
    rb"(?<![^\s\x00()<>\[\]{}/%])(\d{1,10})[\s\x00]+(\d{1,5})[\s\x00]+obj(?![A-Za-z0-9])"
)
_PLACE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
#: Absent, or NULL.
_NO_PARAMETERS = (b"", b"\x05\x00")
_WHITESPACE = b"\x00\t\n\x0c\r "


class State(Enum):
    INTACT = auto()
    #: The bytes are not those that were signed.
    BYTES_CHANGED = auto()
    #: The signed revision is whole, but a later one changed what it must not.
    REVISED = auto()
    #: The signature value does not belong to what it claims to sign.
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Integrity:
    state: State
    covers_whole_file: bool
    #: Text fields that were filled after this signature, sorted.
    filled_fields: tuple[str, ...] = ()


def examine(signature: EmbeddedPdfSignature, data: bytes) -> Integrity:
    """The integrity of one signature or time-stamp, without asking who made it.

    Raises one of MALFORMED where the file is too broken to say.
    """
    whole = _covers(signature, data)
    if not _place_is_canonical(signature, data):
        return Integrity(State.BYTES_CHANGED, whole)
    try:
        same_bytes, right_value = _mathematics(signature)
    except ValueError:
        # The parts of the signature contradict one another.
        return Integrity(State.BROKEN, whole)
    if not same_bytes:
        return Integrity(State.BYTES_CHANGED, whole)
    if not right_value:
        return Integrity(State.BROKEN, whole)
    coverage = signature.evaluate_signature_coverage()
    signature.coverage = coverage  # type: ignore[assignment]
    if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return Integrity(State.REVISED, whole)
    try:
        changes = signature.evaluate_modifications(_POLICY)
    except MALFORMED:
        # The signed revision was read without trouble: what came later is broken.
        return Integrity(State.REVISED, whole)
    if not isinstance(changes, DiffResult):
        return Integrity(State.REVISED, whole)
    level, permitted = changes.modification_level, signature.docmdp_level
    if level > ModificationLevel.FORM_FILLING or (
        permitted is not None and level.value > permitted.value
    ):
        return Integrity(State.REVISED, whole)
    filled = set(changes.changed_form_fields) - _signature_fields(signature.reader)
    return Integrity(State.INTACT, whole, tuple(sorted(filled)))


def alterations(
    data: bytes, reader: PdfFileReader, found: Sequence[EmbeddedPdfSignature]
) -> tuple[str, ...]:
    """Signs of tampering with a signed file that its own structure hides, as whole sentences."""
    if not found:
        # A signature's place is never compressed, so a removed signature leaves its traces.
        if b"/ByteRange" in data:
            return ("Tệp từng có chữ ký số nhưng chữ ký đã bị gỡ khỏi tệp.",)
        return ()
    said: list[str] = []
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True):
            pass
    except pikepdf.PdfError:
        said.append("Cấu trúc tệp bị hỏng: các chương trình đọc sẽ hiểu tệp theo cách khác nhau.")
    end = max(_end(one) for one in found)
    last_signed = max(one.signed_revision for one in found)
    if end < len(data):
        if last_signed + 1 >= reader.xrefs.total_revisions and data[end:].strip(_WHITESPACE):
            said.append("Tệp có dữ liệu lạ được nối thêm sau chữ ký cuối cùng.")
        elif _unlisted_objects(data, reader, end):
            said.append("Tệp có nội dung ẩn được nối thêm sau chữ ký cuối cùng.")
    return tuple(said)


def is_visibly_altered(data: bytes) -> bool:
    """Whether bytes that somebody signed are no longer what they were.

    For files whose structure cannot be followed: looks for the places of signatures in the bare
    bytes. False where there are none, or where each still covers what it covered.
    """
    found = [tuple(map(int, place.groups())) for place in _PLACE.finditer(data)]
    if len(found) < data.count(b"/ByteRange"):
        return True
    if found and max(end + length for _start, end, length in found) < len(data):
        # Whole up to the last signature, and still unreadable: what follows it did that.
        return True
    return not all(_still_covers(data, *place) for place in found)


def _still_covers(data: bytes, start: int, end: int, length: int) -> bool:
    try:
        content = bytes.fromhex(data[start + 1 : end - 1].decode("ascii"))
        envelope = cms.ContentInfo.load(content)["content"]
        (signer,) = envelope["signer_infos"]
        if envelope["encap_content_info"]["content_type"].native == "tst_info":
            imprint = envelope["encap_content_info"]["content"].parsed["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            signed = imprint["hashed_message"].native
        else:
            algorithm = signer["digest_algorithm"]["algorithm"].native
            signed = extract_message_digest(signer)
        covered = data[:start] + data[end : end + length]
        return len(data) >= end + length and bool(signed == _digest(algorithm, covered))
    except MALFORMED:
        return False


def timestamp_is_over(token: cms.SignedData, signature_value: bytes) -> bool:
    """Whether a time-stamp token is whole and stamps exactly this signature value.

    Raises one of MALFORMED.
    """
    imprint = token["encap_content_info"]["content"].parsed["message_imprint"]
    stamped = _digest(imprint["hash_algorithm"]["algorithm"].native, signature_value)
    return bool(imprint["hashed_message"].native == stamped) and _token_is_whole(token)


def _mathematics(signature: EmbeddedPdfSignature) -> tuple[bool, bool]:
    """Whether the bytes are those that were signed, and whether the value was made over them."""
    if signed_pdf.is_timestamp(signature):
        token = signature.signed_data
        imprint = token["encap_content_info"]["content"].parsed["message_imprint"]
        same = imprint["hashed_message"].native == signature.compute_digest()
        return same, _token_is_whole(token)
    content = signature.signed_data["encap_content_info"]
    if content["content"].native is not None:
        raise ValueError("a detached signature carries no content of its own")
    same, right = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    return bool(same), bool(right) and _envelope_is_consistent(signature.signed_data, "v1")


def _token_is_whole(token: cms.SignedData) -> bool:
    content = token["encap_content_info"]["content"]
    (signer,) = token["signer_infos"]
    algorithm = signer["digest_algorithm"]["algorithm"].native
    own, _ = signed_pdf.certificates_in(token)
    same, right = validate_sig_integrity(
        signer, own, "tst_info", _digest(algorithm, bytes(content))
    )
    return bool(same) and bool(right) and _envelope_is_consistent(token, "v3")


def _envelope_is_consistent(envelope: cms.SignedData, version: str) -> bool:
    """Whether those parts of CMS that no digest covers say what the covered ones say.

    RFC 5652, 5.1 and 5.3: versions follow from the content; the digest algorithms are listed.
    """
    (signer,) = envelope["signer_infos"]
    algorithms = [*envelope["digest_algorithms"], signer["digest_algorithm"]]
    if any(one["parameters"].dump() not in _NO_PARAMETERS for one in algorithms):
        return False
    listed = {one["algorithm"].native for one in envelope["digest_algorithms"]}
    by_key = signer["sid"].name == "subject_key_identifier"
    own, _ = signed_pdf.certificates_in(envelope)
    # Names are compared without regard to case elsewhere; here no letter may differ.
    if not by_key and signer["sid"].chosen["issuer"].dump() != own.issuer.dump():
        return False
    return (
        signer["digest_algorithm"]["algorithm"].native in listed
        and signer["version"].native == ("v3" if by_key else "v1")
        and (by_key or envelope["version"].native == version)
    )


def _place_is_canonical(signature: EmbeddedPdfSignature, data: bytes) -> bool:
    """Whether the signature's place holds one signature, zeros, and nothing else.

    No digest covers these bytes, so each of them must follow from the others: brackets, digits of
    one case, and zeros behind the end of the signature.
    """
    ranges = [int(one) for one in signature.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0:
        return False
    start, end = ranges[1], ranges[2]
    place = data[start:end]
    if place[:1] != b"<" or place[-1:] != b">":
        return False
    digits = place[1:-1]
    if not digits.isalnum() or digits not in (digits.upper(), digits.lower()):
        return False
    content = bytes.fromhex(digits.decode("ascii"))
    if content != signature.pkcs7_content:
        return False
    end_of_signature = parser.peek(content)
    return not content[end_of_signature:].strip(b"\0") and _is_filled(content[:end_of_signature])


def _is_filled(encoded: bytes) -> bool:
    """Whether every constructed element of an ASN.1 encoding is exactly filled by its parts.

    Parsers overlook what follows the last part that they expect.
    """
    while encoded:
        _, method, tag, header, content, trailer = parser.parse(encoded)
        if trailer:
            return True  # Indefinite length: the end is marked, there is nothing to compare.
        if tag == 0 and method == 0 and not content and header[:1] == b"\0":
            return False
        if method == 1 and not _is_filled(content):
            return False
        encoded = encoded[len(header) + len(content) :]
    return True


def _covers(signature: EmbeddedPdfSignature, data: bytes) -> bool:
    return _end(signature) == len(data)


def _end(signature: EmbeddedPdfSignature) -> int:
    """Where the bytes end that a signature covers."""
    return int(signature.byte_range[2]) + int(signature.byte_range[3])


def _signature_fields(reader: PdfFileReader) -> Set[str]:
    return {name for name, _value, _reference in enumerate_sig_fields(reader)}


def _unlisted_objects(data: bytes, reader: PdfFileReader, after: int) -> bool:
    """Whether objects lie behind `after` that no cross-reference table of the file lists.

    A reader that repairs files would find and show them.
    """
    xrefs = reader.xrefs
    listed: set[int] = set()
    for revision in range(xrefs.total_revisions):
        for reference in xrefs.explicit_refs_in_revision(revision):
            place = xrefs.get_historical_ref(reference, revision)
            if isinstance(place, int):
                listed.add(place)
    # A table may point at the white space before an object.
    return any(
        not {match.start(1) - back for back in (0, 1, 2)} & listed
        for match in _OBJECT.finditer(data, after)
    )


def _digest(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()
