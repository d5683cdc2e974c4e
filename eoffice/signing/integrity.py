"""Whether a file still says what was signed: byte ranges, revisions, and what lies between them.

Adapter over pyHanko's analysis of revisions, with guards of our own where it is known to be blind
(version 0.38): a revision behind an empty cross-reference table, bytes behind the last revision,
bytes inside a signature's place that no digest covers.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence, Set
from dataclasses import replace

import pikepdf
from asn1crypto import cms, parser
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
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

from eoffice.signing import hex_strings, signed_pdf
from eoffice.signing.content import Content
from eoffice.signing.evidence import Alteration, BytesFact, Change

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

hex_strings.install()

#: The library reports every later revision as a change of a locked field whose appearance was
#: written before the lock (its comparison of revisions is off by one); without changes in place,
#: which we never make, all cases of ours come out right.
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
#: Other programs fill a field by overwriting its appearance in place: what the first policy does
#: not permit, the library's own may, which follows each reference to what is overwritten.
_POLICIES = (_POLICY, DEFAULT_DIFF_POLICY)

#: White space and comments.
_GAP = rb"(?:[\s\x00]|%[^\r\n]*[\r\n])"
#: Behind white space or a delimiter, which may be the last byte that somebody signed. Some readers
#: that repair files want no gap before "obj".
_OBJECT = re.compile(
    rb"(?<![^\s\x00()<>\[\]{}/%])\d{1,10}" + _GAP + rb"+\d{1,5}" + _GAP + rb"*obj(?![A-Za-z0-9])"
)
_BYTE_RANGE = re.compile(rb"/ByteRange")
_PLACE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
#: Anything but the white space of PDF.
_BLACK = re.compile(rb"[^\x00\t\n\x0c\r ]")
#: A signature with chain, tokens and revocation data takes some tens of kilobytes.
_LARGEST_PLACE_BYTES = 4 * 1024 * 1024
_OWN_DIGESTS = {"ed25519": ("sha512",), "ed448": ("shake256", "shake256_len")}
#: Absent, or NULL.
_NO_PARAMETERS = (b"", b"\x05\x00")


def examine(signature: EmbeddedPdfSignature, content: Content) -> BytesFact:
    """The mathematics of one signature or time-stamp, without asking who made it.

    Stops at the first thing that is wrong. Raises one of MALFORMED where the file is too broken to
    say.
    """
    found = BytesFact(
        covers_whole_file=_covers(signature, content),
        place_is_canonical=_place_is_canonical(signature, content),
    )
    if not found.place_is_canonical:
        return found
    try:
        same_bytes, right_value = _mathematics(signature)
    except ValueError:
        return replace(found, is_consistent=False)
    found = replace(found, is_consistent=True, same_bytes=same_bytes, right_value=right_value)
    if not same_bytes or not right_value:
        return found
    coverage = signature.evaluate_signature_coverage()
    signature.coverage = coverage  # type: ignore[assignment]
    if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return replace(found, covers_its_revision=False)
    permitted = signature.docmdp_level
    found = replace(
        found,
        covers_its_revision=True,
        permits=Change(permitted.value) if permitted is not None else None,
    )
    changes = _changes(signature)
    if changes is None:
        return found
    filled = set(changes.changed_form_fields) - _signature_fields(signature.reader)
    return replace(
        found,
        change=Change(changes.modification_level.value),
        filled=tuple(sorted(filled)),
    )


def _changes(signature: EmbeddedPdfSignature) -> DiffResult | None:
    """What later revisions changed; None where no policy knows what they did.

    Where the revisions cannot be read: the signed one was, so what came later is broken.
    """
    for policy in _POLICIES:
        try:
            changes = signature.evaluate_modifications(policy)
        except MALFORMED:
            return None
        if isinstance(changes, DiffResult):
            return changes
    return None


def alterations(
    content: Content, reader: PdfFileReader, found: Sequence[EmbeddedPdfSignature]
) -> tuple[Alteration, ...]:
    """Signs of tampering with a signed file that its own structure hides."""
    if not found:
        # A signature's place is never compressed, so a removed signature leaves its traces.
        return (Alteration.STRIPPED,) if content.has(_BYTE_RANGE) else ()
    said: list[Alteration] = []
    try:
        content.file.seek(0)
        with pikepdf.open(content.file, attempt_recovery=False, suppress_warnings=True):
            pass
    except pikepdf.PdfError:
        said.append(Alteration.AMBIGUOUS)
    if _is_hybrid_after(reader, min(one.signed_revision for one in found)):
        said.append(Alteration.HYBRID)
    end = max(_end(one) for one in found)
    last_signed = max(one.signed_revision for one in found)
    if end < content.size_bytes:
        if last_signed + 1 >= reader.xrefs.total_revisions and content.has(_BLACK, after=end):
            said.append(Alteration.FOREIGN_BYTES)
        elif _unlisted_objects(content, reader, end):
            said.append(Alteration.HIDDEN_OBJECTS)
    return tuple(said)


def _is_hybrid_after(reader: PdfFileReader, revision: int) -> bool:
    """Whether a later revision has a table for old readers and a stream for new ones.

    They may list different objects (ISO 32000-2, 7.5.8.4), and only one of them is compared.
    Before the first signature such a file is what some office programs write.
    """
    xrefs = reader.xrefs
    return any(
        xrefs.get_xref_container_info(later).xref_section_type is XRefSectionType.HYBRID_MAIN
        for later in range(revision + 1, xrefs.total_revisions)
    )


def is_visibly_altered(content: Content) -> bool:
    """Whether bytes that somebody signed are no longer what they were.

    For files whose structure cannot be followed: looks for the places of signatures in the bare
    bytes. False where there are none, or where each still covers what it covered.
    """
    found = [tuple(map(int, place.groups())) for _at, place in content.search(_PLACE)]
    if len(found) < sum(1 for _ in content.search(_BYTE_RANGE)):
        return True
    if found and max(end + length for _start, end, length in found) < content.size_bytes:
        # Whole up to the last signature, and still unreadable: what follows it did that.
        return True
    return not all(_still_covers(content, *place) for place in found)


def _still_covers(content: Content, start: int, end: int, length: int) -> bool:
    if not start < end <= start + _LARGEST_PLACE_BYTES:
        return False
    try:
        signature = bytes.fromhex(content.read(start + 1, end - 1).decode("ascii"))
        envelope = cms.ContentInfo.load(signature)["content"]
        (signer,) = envelope["signer_infos"]
        if envelope["encap_content_info"]["content_type"].native == "tst_info":
            imprint = envelope["encap_content_info"]["content"].parsed["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            signed = imprint["hashed_message"].native
        else:
            algorithm = signer["digest_algorithm"]["algorithm"].native
            signed = extract_message_digest(signer)
        covered = content.digest(algorithm, (0, start), (end, end + length))
        return content.size_bytes >= end + length and bool(signed == covered)
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
    if not _is_own_digest(signer):
        return False
    own, _ = signed_pdf.certificates_in(envelope)
    # Names are compared without regard to case elsewhere; here no letter may differ.
    if not by_key and signer["sid"].chosen["issuer"].dump() != own.issuer.dump():
        return False
    return (
        signer["digest_algorithm"]["algorithm"].native in listed
        and signer["version"].native == ("v3" if by_key else "v1")
        and (by_key or envelope["version"].native == version)
    )


def _is_own_digest(signer: cms.SignerInfo) -> bool:
    """Whether a scheme that has a digest of its own is used with that (RFC 8419, 2.3)."""
    wanted = _OWN_DIGESTS.get(signer["signature_algorithm"]["algorithm"].native)
    return wanted is None or signer["digest_algorithm"]["algorithm"].native in wanted


def _place_is_canonical(signature: EmbeddedPdfSignature, content: Content) -> bool:
    """Whether the signature's place holds one signature, zeros, and nothing else.

    No digest covers these bytes, so each of them must follow from the others: brackets, digits of
    one case, and zeros behind the end of the signature.
    """
    ranges = [int(one) for one in signature.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0:
        return False
    start, end = ranges[1], ranges[2]
    if end - start > _LARGEST_PLACE_BYTES:
        return False
    place = content.read(start, end)
    if place[:1] != b"<" or place[-1:] != b">":
        return False
    digits = place[1:-1]
    if not digits.isalnum() or digits not in (digits.upper(), digits.lower()):
        return False
    value = bytes.fromhex(digits.decode("ascii"))
    if value != signature.pkcs7_content:
        return False
    end_of_signature = parser.peek(value)
    return not value[end_of_signature:].strip(b"\0") and _is_filled(value[:end_of_signature])


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


def _covers(signature: EmbeddedPdfSignature, content: Content) -> bool:
    return _end(signature) == content.size_bytes


def _end(signature: EmbeddedPdfSignature) -> int:
    """Where the bytes end that a signature covers."""
    return int(signature.byte_range[2]) + int(signature.byte_range[3])


def _signature_fields(reader: PdfFileReader) -> Set[str]:
    return {name for name, _value, _reference in enumerate_sig_fields(reader)}


def _unlisted_objects(content: Content, reader: PdfFileReader, after: int) -> bool:
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
        not {start - back for back in (0, 1, 2)} & listed
        for start, _match in content.search(_OBJECT, after=after)
    )


def _digest(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()
