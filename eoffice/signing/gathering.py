"""Finding out about a signed PDF everything that a verdict is made of, and nothing more.

Here files are opened, digests computed, revisions compared and authorities asked; what it means
says `judging`. Whatever the file is, there are facts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from asn1crypto import cms, x509
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.clock import VIETNAM
from eoffice.signing import integrity, judging, policy, signed_pdf
from eoffice.signing.content import Content
from eoffice.signing.evidence import (
    FileFacts,
    SignatureFact,
    Source,
    TokenFact,
    Trouble,
)
from eoffice.signing.gathering_certificates import Evidence, Pool
from eoffice.signing.integrity import MALFORMED
from eoffice.signing.kept_answers import KeptAnswers, NothingKept
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore

_PADES = "/ETSI.CAdES.detached"
_KNOWN_FORMS = frozenset({_PADES, "/adbe.pkcs7.detached", "/ETSI.RFC3161"})
#: Each answer may show that somebody else must be asked about, but not for ever.
_MOST_ROUNDS = 4

#: The library explains every file that it dislikes on the log; the verdict says it already.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False


def gather(
    given: bytes | BinaryIO,
    *,
    trust: TrustStore,
    at: datetime,
    desk: RevocationDesk | None = None,
    kept: KeptAnswers | None = None,
    pool: Pool | None = None,
) -> FileFacts:
    """The facts of a file; one on disk is never in memory as a whole.

    `desk` asks authorities about revocation, and only about certificates whose chain ends at a
    trust anchor; `kept` is looked up where nobody is asked or nobody answers. `trust` and `at`
    decide whom it asks about; they are no part of the facts but for the anchors' certificates.
    `pool` is filled with the certificates themselves, in the order of the facts; it was made for
    this `trust`.
    """
    content = Content.of(given)
    try:
        reader = _open(content)
        is_encrypted = reader.encrypted
    except MALFORMED:
        return _unreadable(content, Trouble.NOT_A_PDF)
    if is_encrypted:
        return FileFacts(content.size_bytes, Trouble.ENCRYPTED)
    pool = Pool(trust) if pool is None else pool
    try:
        listed = list(signed_pdf.filled_fields(reader))
        found = [_examine(reader, content, pool, *one) for one in listed]
        readable = [one for one in found if not isinstance(one, str)]
        alterations = (
            integrity.alterations(content, reader, [one for one, _ in readable])
            if readable or not found
            else ()
        )
        pool.add_all(_stored_evidence(reader))
        known = pool.known()
    except MALFORMED:
        return _unreadable(content, Trouble.UNREADABLE_SIGNATURES)
    facts = FileFacts(
        size_bytes=content.size_bytes,
        alterations=alterations,
        signatures=tuple(sorted((fact for _, fact in readable), key=lambda one: one.revision)),
        unreadable=tuple(one for one in found if isinstance(one, str)),
        known=known,
    )
    return _asked(facts, pool, desk, kept, at)


def _open(content: Content) -> PdfFileReader:
    """Some programs write files that break the standard in ways that hide nothing; the second
    parser in `integrity` has the last word about them."""
    try:
        reader = PdfFileReader(content.file, strict=True)
        if not reader.xrefs.hybrid_xrefs_present:
            return reader
    except PdfError:
        pass
    return PdfFileReader(content.file, strict=False)


def _unreadable(content: Content, trouble: Trouble) -> FileFacts:
    damaged = integrity.is_visibly_altered(content)
    return FileFacts(content.size_bytes, Trouble.DAMAGED_SINCE if damaged else trouble)


def _stored_evidence(reader: PdfFileReader) -> Evidence:
    """Damaged evidence proves nothing; whether it was damaged afterwards, the digests tell."""
    try:
        return signed_pdf.stored_evidence(reader)
    except MALFORMED:
        return Evidence()


# Authorities


def _asked(
    facts: FileFacts,
    pool: Pool,
    desk: RevocationDesk | None,
    kept: KeptAnswers | None,
    at: datetime,
) -> FileFacts:
    """The facts with what authorities say, or have said."""
    if desk is None and kept is None:
        return facts
    for _ in range(_MOST_ROUNDS):
        questions = judging.wanted(facts, anchors=pool.anchors, policy=policy.current(), at=at)
        if not questions:
            break
        before = facts.known
        for judged in questions:
            path = [pool.certificates[one] for one in judged.path]
            told = _told(path, desk, kept)
            if told is not None:
                pool.add_all(*told)
            if told is not None or desk is not None:
                pool.mark_asked(judged.path[-1])
        facts = replace(facts, known=pool.known())
        if facts.known == before:
            break
    return facts


def _told(
    path: Sequence[x509.Certificate], desk: RevocationDesk | None, kept: KeptAnswers | None
) -> tuple[Evidence, Source] | None:
    """An authority that is asked knows best; what it said before serves where it is silent."""
    try:
        if desk is not None:
            return desk.ask(path), Source.ASKED
    except RevocationUnavailable:
        pass
    try:
        return None if kept is None else (kept.about(path), Source.KEPT)
    except NothingKept:
        return None


# Signatures


def _examine(
    reader: PdfFileReader, content: Content, pool: Pool, name: str, field: DictionaryObject
) -> str | tuple[EmbeddedPdfSignature, SignatureFact]:
    """One signature or time-stamp; the name of its field where it cannot be read."""
    try:
        signature = EmbeddedPdfSignature(reader, field, name)
        form = str(signature.sig_object.get("/SubFilter"))
        if form not in _KNOWN_FORMS:
            return name
        return signature, _fact(signature, content, pool, form)
    except MALFORMED:
        return name


def _fact(
    signature: EmbeddedPdfSignature, content: Content, pool: Pool, form: str
) -> SignatureFact:
    is_timestamp = signed_pdf.is_timestamp(signature)
    whole = integrity.examine(signature, content)
    fact = SignatureFact(
        field=signature.field_name,
        revision=int(signature.signed_revision),
        is_timestamp=is_timestamp,
        is_pades=form == _PADES,
        bytes=whole,
        signer=_signer(pool, signature.signed_data),
        digest=str(signature.md_algorithm),
        claimed_at=_claimed_at(signature),
        reason=str(signature.sig_object.get("/Reason", "")),
        awaits_filling=signature.docmdp_level is MDPPerm.FILL_FORMS,
    )
    if is_timestamp:
        # Whether it is over the file was looked at with the bytes.
        return replace(fact, tokens=tuple(_own_token(signature, pool)))
    value = signature.signer_info["signature"].native
    tokens = signed_pdf.signature_timestamps(signature)
    return replace(fact, tokens=tuple(_token(one, value, pool) for one in tokens))


def _own_token(signature: EmbeddedPdfSignature, pool: Pool) -> Iterable[TokenFact]:
    try:
        yield token_fact(signature.signed_data, pool, is_right=True)
    except MALFORMED:
        return


def _token(token: cms.SignedData, value: bytes, pool: Pool) -> TokenFact:
    return token_fact(token, pool, is_right=integrity.timestamp_is_over(token, value))


def token_fact(token: cms.SignedData, pool: Pool, *, is_right: bool) -> TokenFact:
    """What a token says and by whose key. Raises one of MALFORMED."""
    (signer,) = token["signer_infos"]
    digests = {
        signed_pdf.imprint(token)["hash_algorithm"]["algorithm"].native,
        signer["digest_algorithm"]["algorithm"].native,
    }
    named = signer["signature_algorithm"]
    # The plain names of RSA and ECDSA leave the hash to the digest algorithm (RFC 5754, 3).
    if named["algorithm"].native not in ("rsassa_pkcs1v15", "ecdsa"):
        digests.add(named.hash_algo)
    return TokenFact(
        is_right=is_right,
        digests=tuple(sorted(digests)),
        stamped_at=signed_pdf.stamped_at(token),
        authority=_signer(pool, token),
    )


def _signer(pool: Pool, signed: cms.SignedData) -> int:
    """The place of the signer's certificate; what came along is collected too.

    Raises ValueError: it is missing or cannot be read.
    """
    own, others = signed_pdf.certificates_in(signed)
    place = pool.add(own)
    if place is None:
        raise ValueError("the signer's certificate cannot be read")
    for other in others:
        pool.add(other)
    return place


def _claimed_at(signature: EmbeddedPdfSignature) -> datetime | None:
    try:
        claimed = signature.self_reported_timestamp
    except MALFORMED:
        return None
    if claimed is not None and claimed.tzinfo is None:
        return claimed.replace(tzinfo=VIETNAM)
    return claimed
