"""Files by which verifiers were fooled, or frightened without need, made anew with the test PKI.

    python -m tests.signing.bugs

writes the facts of each into `facts/`, with the verdict that is right: it stands here and is not
what the verifier happens to say.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from eoffice.embedded.pki import Pki
from eoffice.signing import gathering
from eoffice.signing.evidence import (
    AnchorFact,
    AnswerFact,
    CertificateFact,
    FileFacts,
    Known,
    LinkFact,
    Purpose,
    RevokedFact,
    SignatureFact,
    Source,
    TokenFact,
)
from eoffice.signing.gathering_certificates import anchors_of
from eoffice.signing.timestamps import Authority
from eoffice.signing.trust import TrustStore
from tests import pki as cast
from tests.signing import papers
from tests.signing.papers import READ_AT, SIGNED_AT
from tests.signing.regressions import Regression
from tests.signing.test_verification import hybrid, renumbered, signed_by


@dataclass(frozen=True, slots=True)
class Bug:
    name: str
    about: str
    make: Callable[[Pki], bytes]
    expected: tuple[str, ...]
    at: datetime = READ_AT
    #: What is done to the facts of the file.
    then: Callable[[FileFacts], FileFacts] = lambda facts: facts
    anchors: tuple[AnchorFact, ...] = ()
    is_trusted: bool = True
    #: What the roots of the PKI are trusted for.
    serves: tuple[Purpose, ...] | None = None


PERSON, SEAL, STAMP = "signature_person", "signature_seal", "Timestamp"
LTA, PASSED = "B-LTA", "TOTAL-PASSED"


def by_short_lived(pki: Pki) -> bytes:
    return papers.archive(pki, signed_by(pki, cast.SHORT_LIVED))


def weakly_stamped(pki: Pki) -> bytes:
    file = io.BytesIO(signed_by(pki, cast.DIRECTOR))
    stamper = PdfTimeStamper(Authority(pki.timestamp_url))
    asyncio.run(
        stamper.async_timestamp_pdf(
            IncrementalPdfFileWriter(file), "sha1", bytes_reserved=16384, in_place=True
        )
    )
    return file.getvalue()


def hidden(pki: Pki) -> bytes:
    """Readers that repair files would show the new page tree; the table does not list it."""
    archived = papers.whole_life(pki).archived
    unlisted = b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    start = len(archived) + len(unlisted)
    tail = b"xref\n0 0\ntrailer << /Root 1 0 R /Size 99 /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    previous = int(archived.rsplit(b"startxref", 1)[1].split()[0])
    return archived + unlisted + tail % (previous, start)


def stripped(pki: Pki) -> bytes:
    return papers.whole_life(pki).archived.replace(b"/AcroForm", b"/AcroFork")


# What cannot be made with a PKI that behaves


def _list(at: datetime, signer: int, issuer: int, *, since: datetime | None) -> AnswerFact:
    return AnswerFact(
        is_list=True,
        source=Source.FILE,
        signers=(issuer,),
        signed_with="sha256",
        this_update=at,
        next_update=at + timedelta(days=200),
        produced_at=at,
        about=(signer,),
        revoked=(RevokedFact(signer, since, "key_compromise"),) if since else (),
    )


def told_late(facts: FileFacts) -> FileFacts:
    """Of the signer tells nothing but a list from after the end of the certificate."""
    signer, issuer, others = _without_answers(facts)
    late = _list(datetime(2030, 1, 1, tzinfo=UTC), signer, issuer, since=None)
    return _with_answers(facts, (*others, late))


def told_before_and_late(facts: FileFacts) -> FileFacts:
    """The same beside an older list that revokes the certificate before it signed."""
    signer, issuer, others = _without_answers(facts)
    revoked = datetime(2018, 1, 1, tzinfo=UTC)
    early = _list(datetime(2019, 1, 1, tzinfo=UTC), signer, issuer, since=revoked)
    late = _list(datetime(2030, 1, 1, tzinfo=UTC), signer, issuer, since=None)
    return _with_answers(facts, (*others, late, early))


def with_a_double(facts: FileFacts) -> FileFacts:
    """The same, and a certificate of the same number that nobody issued stands before the real."""
    told = told_before_and_late(facts)
    signer = told.signatures[0].signer
    double = replace(told.known.certificates[signer], key_id="0" * 32, sha256="0" * 64)
    return replace(
        told,
        known=replace(told.known, certificates=(*told.known.certificates, double)),
    )


def _without_answers(facts: FileFacts) -> tuple[int, int, tuple[AnswerFact, ...]]:
    signer = facts.signatures[0].signer
    issuer = next(one.parent for one in facts.known.links if one.child == signer)
    others = tuple(
        replace(one, about=tuple(each for each in one.about if each != signer))
        for one in facts.known.answers
    )
    return signer, issuer, others


def _with_answers(facts: FileFacts, answers: tuple[AnswerFact, ...]) -> FileFacts:
    return replace(facts, known=replace(facts.known, answers=answers))


def over_sha1(facts: FileFacts) -> FileFacts:
    """The signatures of persons; time-stamps stay as they are."""
    return replace(
        facts,
        signatures=tuple(
            one if one.is_timestamp else replace(one, digest="sha1") for one in facts.signatures
        ),
    )


def without_stamps(facts: FileFacts) -> FileFacts:
    """And with answers that run for long, so that only the age of the signature is open."""
    lasting = tuple(replace(one, next_update=year(2060)) for one in facts.known.answers)
    facts = _with_answers(facts, lasting)
    return replace(
        facts,
        signatures=tuple(
            replace(one, tokens=()) for one in facts.signatures if not one.is_timestamp
        ),
    )


_NEXT = AnchorFact("c" * 32, "c" * 32)
_LAST = AnchorFact("e" * 32, "e" * 32)


def renewed(*years: int) -> Callable[[FileFacts], FileFacts]:
    """With time-stamps of later authorities, each of which lasts for eleven years."""

    def then(facts: FileFacts) -> FileFacts:
        for number, year in enumerate(years):
            facts = _renewed(facts, number, datetime(year, 6, 1, tzinfo=UTC))
        return facts

    return then


def _renewed(facts: FileFacts, number: int, at: datetime) -> FileFacts:
    known, anchor = facts.known, (_NEXT, _LAST)[number]
    root, authority = len(known.certificates), len(known.certificates) + 1
    plain = CertificateFact(
        sha256=f"{root:064x}",
        subject=f"Gốc dấu thời gian {number + 2}",
        issuer=f"Gốc dấu thời gian {number + 2}",
        unit="",
        subject_id=anchor.subject_id,
        issuer_id=anchor.subject_id,
        key_id=anchor.key_id,
        serial="1",
        not_before=at - timedelta(days=365),
        not_after=at + timedelta(days=365 * 11),
        key="rsa",
        key_bits=4096,
        signed_with="sha512",
        is_ca=True,
        path_length=None,
        usages=("crl_sign", "key_cert_sign"),
        purposes=None,
    )
    stamping = replace(
        plain,
        sha256=f"{authority:064x}",
        subject=f"Dấu thời gian {number + 2}",
        subject_id=f"{authority:032x}",
        key_id=f"{authority:032x}",
        serial="2",
        is_ca=False,
        usages=("digital_signature",),
        purposes=("time_stamping",),
    )
    last = facts.signatures[-1]
    stamp = SignatureFact(
        field=f"Renewal{number + 1}",
        revision=last.revision + 1,
        is_timestamp=True,
        is_pades=False,
        bytes=last.bytes,
        signer=authority,
        digest="sha512",
        claimed_at=None,
        reason="",
        awaits_filling=False,
        tokens=(TokenFact(True, ("sha512",), at, authority),),
    )
    told = _list(at + timedelta(days=1), authority, root, since=None)
    return replace(
        facts,
        signatures=(*facts.signatures, stamp),
        known=Known(
            certificates=(*known.certificates, plain, stamping),
            links=(*known.links, LinkFact(authority, root)),
            refusals=known.refusals,
            answers=(*known.answers, told),
        ),
    )


def archived(pki: Pki) -> bytes:
    return papers.whole_life(pki).archived


def year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def both(indication: str, level: str = LTA) -> tuple[str, str]:
    return f"{PERSON}: {indication} {level}", f"{SEAL}: {indication} {level}"


UNKNOWN_TIME = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE"
RENEWALS = (_NEXT, _LAST)

BUGS = (
    Bug(
        "revoked-but-dropped-from-the-list",
        "A list from after the certificate's end does not name it any more; the older list that "
        "revokes it lies beside it. The library calls the certificate good.",
        by_short_lived,
        ("invalid", f"{PERSON}: TOTAL-FAILED/REVOKED B-T", f"{STAMP}: {PASSED}"),
        then=told_before_and_late,
    ),
    Bug(
        "only-a-list-from-after-the-end",
        "A list from after the certificate's end says nothing of whom it does not name.",
        by_short_lived,
        ("unverifiable", f"{PERSON}: INDETERMINATE/TRY_LATER B-T", f"{STAMP}: {PASSED}"),
        then=told_late,
    ),
    Bug(
        "revoked-beside-a-double",
        "A certificate of the same issuer and number, made by whoever made the file, draws the "
        "entry of the list to itself.",
        by_short_lived,
        ("invalid", f"{PERSON}: TOTAL-FAILED/REVOKED B-T", f"{STAMP}: {PASSED}"),
        then=with_a_double,
    ),
    Bug(
        "time-stamp-over-sha1",
        "A time-stamp over SHA-1 was believed, and the file called B-LTA.",
        weakly_stamped,
        (
            "unverifiable",
            f"{PERSON}: INDETERMINATE/TRY_LATER B-T",
            f"{STAMP}: INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        ),
    ),
    Bug(
        "expired-when-it-signed",
        "The AdES engine of the library passes a signature that was made after the certificate's "
        "end: it looks at the beginning only.",
        lambda pki: papers.archive(pki, signed_by(pki, cast.EXPIRED)),
        ("invalid", f"{PERSON}: TOTAL-FAILED/EXPIRED B-T", f"{STAMP}: {PASSED}"),
    ),
    Bug(
        "revoked-when-it-signed",
        "Revoked before a proven time is more than indeterminate: it could not sign.",
        lambda pki: papers.archive(pki, signed_by(pki, cast.REVOKED)),
        ("invalid", f"{PERSON}: TOTAL-FAILED/REVOKED B-T", f"{STAMP}: {PASSED}"),
    ),
    Bug(
        "nobody-renewed-it",
        "The time-stamp's certificate is over: the engine of the library may say INDETERMINATE "
        "and true in one breath.",
        archived,
        (
            "unverifiable",
            *(f"{one}: {UNKNOWN_TIME} B-T" for one in (PERSON, SEAL)),
            f"{STAMP}: {UNKNOWN_TIME}",
        ),
        at=year(2050),
    ),
    Bug(
        "locked-field-that-nobody-touched",
        "The library calls every later revision a change of a field that the seal has locked.",
        archived,
        ("intact", *both(PASSED), f"{STAMP}: {PASSED}"),
    ),
    Bug(
        "number-changed-after-the-seal",
        "The number is filled anew after the seal that locks it; pdfsig calls that valid.",
        lambda pki: renumbered(archived(pki)),
        (
            "changed",
            f"{PERSON}: {PASSED} B-LT",
            f"{SEAL}: INDETERMINATE/SIG_CONSTRAINTS_FAILURE B-T",
            f"{STAMP}: INDETERMINATE/SIG_CONSTRAINTS_FAILURE",
        ),
    ),
    Bug(
        "hidden-revision-behind-an-empty-table",
        "An object that no table lists; readers that repair files show it.",
        hidden,
        ("changed", *both(PASSED), f"{STAMP}: {PASSED}"),
    ),
    Bug(
        "hybrid-table-after-the-signature",
        "A revision after the signatures has two tables: older readers see another file.",
        lambda pki: hybrid(archived(pki)),
        ("changed", *both(PASSED), f"{STAMP}: {PASSED}"),
    ),
    Bug(
        "signature-taken-out",
        "The form is renamed, so that no signature is found; the bytes still tell of it.",
        stripped,
        ("changed",),
    ),
    Bug(
        "unknown-time-stamp-authority",
        "The token of an authority that nobody trusts is named with the reason, not passed over.",
        lambda pki: signed_by(pki, cast.DIRECTOR),
        ("unverifiable", f"{PERSON}: INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND B-T"),
        is_trusted=False,
    ),
    Bug(
        "stamped-by-who-may-only-sign",
        "Roots are trusted for persons alone: whom they let stamp proves no time.",
        archived,
        (
            "unverifiable",
            *(f"{one}: INDETERMINATE/TRY_LATER B-T" for one in (PERSON, SEAL)),
            f"{STAMP}: INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND",
        ),
        serves=(Purpose.SIGNATURE,),
    ),
    Bug(
        "sha1-that-is-proven-to-be-old",
        "A signature over SHA-1 of 2018, by a time-stamp over SHA-256 of then: legacy, not forged.",
        archived,
        ("intact", *both(PASSED), f"{STAMP}: {PASSED}"),
        then=over_sha1,
    ),
    Bug(
        "sha1-of-which-nobody-knows-how-old",
        "The same without a time-stamp: anybody may have made it today.",
        archived,
        (
            "unverifiable",
            *both("INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "B-B"),
        ),
        then=lambda facts: without_stamps(over_sha1(facts)),
    ),
    Bug(
        "renewed-twice-in-time",
        "Two renewals, each before the last time-stamp was over: good in 2056.",
        archived,
        ("intact", *both(PASSED), *(f"{one}: {PASSED}" for one in (STAMP, "Renewal1", "Renewal2"))),
        at=year(2056),
        then=renewed(2040, 2050),
        anchors=RENEWALS,
    ),
    Bug(
        "renewed-too-late",
        "The renewal came after the first time-stamp's certificate had ended: it proves nothing "
        "of what was before.",
        archived,
        (
            "unverifiable",
            *(f"{one}: {UNKNOWN_TIME} B-T" for one in (PERSON, SEAL)),
            f"{STAMP}: {UNKNOWN_TIME}",
            f"Renewal1: {PASSED}",
        ),
        at=year(2056),
        then=renewed(2049),
        anchors=RENEWALS,
    ),
)


def regressions(pki: Pki) -> Iterator[Regression]:
    """At the office clock of August 2018."""
    for bug in BUGS:
        trust = papers.trust(pki) if bug.is_trusted else TrustStore(())
        facts = gathering.gather(bug.make(pki), trust=trust, at=bug.at)
        roots = anchors_of(trust)
        yield Regression(
            name=bug.name,
            about=bug.about,
            at=bug.at,
            anchors=(*(replace(one, serves=bug.serves) for one in roots), *bug.anchors),
            facts=bug.then(facts),
            expected=bug.expected,
        )


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="eoffice-bugs-") as name,
        cast.trust_services(Path(name) / "pki") as pki,
        cast.office_clock(Path(name) / "clock.json", SIGNED_AT),
    ):
        for one in regressions(pki):
            one.write()
            print(one.name)


if __name__ == "__main__":
    main()
