"""The verdict about a signed file, by its facts, the reader's trust anchors and a moment.

Pure: asks nobody, opens nothing, knows no clock. Total: whatever the facts are, there is a verdict.
The time model is that of a shell: the outermost time-stamp is judged at the moment of reading,
everything inside it at the moment which that time-stamp proves, and so on inwards; a certificate
that has long expired was good if it was good then (ETSI EN 319 102-1, 5.6.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from eoffice.clock import vietnam_time
from eoffice.signing import conclusions, verdict
from eoffice.signing.conclusions import BROKEN_STAMP, WRONG, Conclusion, concluded, conclusion
from eoffice.signing.evidence import (
    WITH_OWN_DIGEST,
    AnchorFact,
    BytesFact,
    CertificateFact,
    Change,
    FileFacts,
    Purpose,
    SignatureFact,
    Source,
    Standing,
    State,
    TokenFact,
)
from eoffice.signing.judging_certificates import (
    Certificates,
    Judged,
)
from eoffice.signing.policy import Policy, Strength, Use
from eoffice.signing.verdict import (
    CertificateFacts,
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    TimestampVerdict,
    Verdict,
)

#: Text fields that may be filled between the signatures of a document: the clerk's number and date.
FILLABLE: Final = frozenset({"number_notation", "issued_on"})

#: Clocks that are set by hand may differ by so much.
_CLOCK_SLACK: Final = timedelta(minutes=5)


def judge(
    facts: FileFacts,
    *,
    anchors: Sequence[AnchorFact],
    policy: Policy,
    at: datetime,
    fillable: Set[str] = FILLABLE,
) -> Verdict:
    """The verdict at `at`. `policy` says which algorithms are believed, and until when.

    Text fields other than `fillable` must not be filled after a signature; after the last one
    none, unless it certifies the document and leaves them open.
    """
    if facts.trouble is not None:
        return conclusions.TROUBLES[facts.trouble]
    case = _Case(Certificates(facts.known, anchors, policy=policy, now=at), at)
    stamps, proofs = _judge_timestamps(case, facts.signatures)
    people = [one for one in facts.signatures if not one.is_timestamp]
    signatures = [conclusions.unreadable_signature(field) for field in facts.unreadable]
    signatures += [
        _judge_signature(
            case,
            one,
            proof=_proof_for(one, proofs, at),
            later=[other for other in facts.signatures if other.revision > one.revision],
            fillable=fillable,
            is_last=one is people[-1],
        )
        for one in people
    ]
    said = [conclusions.ALTERATIONS[one] for one in facts.alterations]
    return verdict.fold(signatures, stamps, alterations=said)


def wanted(
    facts: FileFacts, *, anchors: Sequence[AnchorFact], policy: Policy, at: datetime
) -> tuple[Judged, ...]:
    """Whose revocation is unknown though the chain is good, so that asking somebody may help.

    Of certificates that were asked about already nothing is said again.
    """
    case = _Case(Certificates(facts.known, anchors, policy=policy, now=at), at)
    _, proofs = _judge_timestamps(case, facts.signatures)
    questions: list[tuple[int, datetime, Purpose]] = []
    for one in facts.signatures:
        proof = _proof_for(one, proofs, at)
        for token in one.tokens:
            questions.append((token.authority, token.stamped_at, Purpose.TIMESTAMP))
            questions.append((token.authority, proof, Purpose.TIMESTAMP))
        if not one.is_timestamp:
            time = _time_of(case, one, proof)
            questions.append((one.signer, time.best, Purpose.SIGNATURE))
    found: dict[int, Judged] = {}
    for certificate, moment, purpose in questions:
        judged = case.certificates.judged(certificate, at=moment, purpose=purpose)
        if judged.standing is Standing.NO_REVOCATION_DATA and not judged.was_asked:
            found.setdefault(certificate, judged)
    return tuple(found.values())


def state_of(fact: BytesFact) -> State:
    """What the mathematics of a signature amount to; what was not looked at counts as wrong."""
    if not fact.place_is_canonical:
        return State.BYTES_CHANGED
    if not fact.is_consistent:
        return State.BROKEN
    if not fact.same_bytes:
        return State.BYTES_CHANGED
    if not fact.right_value:
        return State.BROKEN
    if not fact.covers_its_revision or fact.change is None:
        return State.REVISED
    most = Change.FORM_FILLING if fact.permits is None else fact.permits
    # Annotations may be permitted by whoever certified; nobody here reads what they say.
    return State.REVISED if fact.change > min(most, Change.FORM_FILLING) else State.INTACT


def standing_of_token(case: Certificates, token: TokenFact, known_at: datetime) -> Standing:
    """The standing of a token's authority when it stamped, for a token known at `known_at`.

    A token that turns up after its authority's certificate has expired proves nothing: by then its
    key may be in anybody's hands. The same after a revocation, or where the root is not believed
    any more. Whoever finds a collision of the imprint or of the token has it stamp anything.
    """
    own = case[token.authority]
    if own is None:
        return Standing.UNKNOWN_ISSUER
    worth = case.strength(token.digests, own, use=Use.TIMESTAMP, proven_at=known_at)
    if worth is Strength.BROKEN:
        return Standing.WEAK_ALGORITHM
    if known_at > own.not_after:
        return Standing.EXPIRED
    if token.stamped_at > known_at:
        return Standing.NOT_YET_VALID
    later = case.judged(token.authority, at=known_at, purpose=Purpose.TIMESTAMP)
    if later.standing in (Standing.REVOKED, Standing.UNKNOWN_ISSUER):
        return later.standing
    return case.judged(token.authority, at=token.stamped_at, purpose=Purpose.TIMESTAMP).standing


def facts_for_people(case: Certificates, certificate: int, judged: Judged) -> CertificateFacts:
    """What people may read about a signer's certificate."""
    own = case[certificate]
    assert own is not None
    above = [case[one] for one in reversed(judged.path[:-1])]
    return CertificateFacts(
        issuers=tuple(one.subject for one in above if one is not None) or (own.issuer,),
        is_anchored=bool(judged.path),
        valid_from=own.not_before,
        valid_until=own.not_after,
        revocation=conclusions.revocation_in_words(
            judged.standing,
            was_asked=judged.was_asked,
            said=_said(case, judged),
            is_kept=judged.heard is not None and judged.heard.answer.source is Source.KEPT,
        ),
        trusted_root=case.root_name(judged.path[0]) if judged.path else "",
    )


def _said(case: Certificates, judged: Judged) -> str:
    """Who says so and when; empty where nobody does."""
    heard = judged.heard
    if heard is None:
        return ""
    who = next((one.subject for one in map(case.__getitem__, heard.answer.signers) if one), "")
    kind = "danh sách thu hồi" if heard.answer.is_list else "trả lời OCSP"
    said = f"{kind} của “{who}” lúc {_moment(heard.answer.this_update)}"
    return said if heard.since is None else f"từ {_moment(heard.since)}, theo {said}"


@dataclass(frozen=True, slots=True)
class _Case:
    certificates: Certificates
    at: datetime


# Time


@dataclass(frozen=True, slots=True)
class _Proof:
    """Everything up to `revision` existed at `stamped_at`, says a time-stamp that we believe."""

    revision: int
    stamped_at: datetime


def _judge_timestamps(
    case: _Case, found: Sequence[SignatureFact]
) -> tuple[list[TimestampVerdict], list[_Proof]]:
    """Judge the file's time-stamps from the outermost inwards, each at what the next one proves."""
    verdicts: list[TimestampVerdict] = []
    proofs: list[_Proof] = []
    known_at = case.at
    for one in reversed([each for each in found if each.is_timestamp]):
        judged = _judge_timestamp(case, one, known_at)
        verdicts.insert(0, judged)
        if judged.verdict is Finding.INTACT and judged.stamped_at is not None:
            known_at = judged.stamped_at
            proofs.insert(0, _Proof(one.revision, known_at))
    return verdicts, proofs


def _judge_timestamp(case: _Case, one: SignatureFact, known_at: datetime) -> TimestampVerdict:
    own = case.certificates[one.signer]
    if len(one.tokens) != 1 or own is None:
        return conclusions.unreadable_timestamp(one.field)
    (token,) = one.tokens
    judged = TimestampVerdict(
        field=one.field,
        authority=own.subject,
        verdict=Finding.INTACT,
        reason="Dấu thời gian hợp lệ.",
        indication=Indication.PASSED,
        stamped_at=token.stamped_at,
        covers_whole_file=one.bytes.covers_whole_file,
    )
    state = state_of(one.bytes)
    if state is not State.INTACT:
        return concluded(judged, WRONG[state])
    if one.bytes.filled:
        return concluded(judged, WRONG[State.REVISED])
    standing = standing_of_token(case.certificates, token, known_at)
    return concluded(judged, conclusion(standing, is_time_proven=False, of_stamp=True))


def _proof_for(one: SignatureFact, proofs: Sequence[_Proof], at: datetime) -> datetime:
    """The earliest moment at which something is proven to have existed; `at` without a proof."""
    return min((p.stamped_at for p in proofs if p.revision > one.revision), default=at)


@dataclass(frozen=True, slots=True)
class _Time:
    """When a signature is taken to have been made."""

    #: The moment at which the signer's certificate is judged.
    best: datetime
    claimed: datetime | None
    #: A time-stamp over the signature itself says so.
    is_stamped: bool
    #: A time-stamp over the whole file says that it existed at `best`.
    is_covered: bool
    #: There is a time-stamp, but of something else.
    is_broken: bool
    #: Time-stamps that prove nothing, and why they do not count.
    refused: tuple[tuple[TokenFact, Standing], ...] = ()

    @property
    def source(self) -> TimeSource:
        if self.is_stamped or self.is_covered:
            return TimeSource.TIMESTAMP
        return TimeSource.CLAIMED if self.claimed is not None else TimeSource.NONE

    @property
    def shown(self) -> datetime | None:
        return self.best if self.source is TimeSource.TIMESTAMP else self.claimed


def _time_of(case: _Case, one: SignatureFact, proof: datetime) -> _Time:
    judged = [(each, standing_of_token(case.certificates, each, proof)) for each in one.tokens]
    stamped = [each.stamped_at for each, how in judged if how is Standing.GOOD and each.is_right]
    return _Time(
        best=min([*stamped, proof]),
        claimed=one.claimed_at,
        is_stamped=bool(stamped),
        is_covered=proof < case.at,
        is_broken=not all(each.is_right for each in one.tokens),
        refused=tuple((each, how) for each, how in judged if how is not Standing.GOOD),
    )


# Signatures


def _judge_signature(
    case: _Case,
    one: SignatureFact,
    *,
    proof: datetime,
    later: Sequence[SignatureFact],
    fillable: Set[str],
    is_last: bool,
) -> SignatureVerdict:
    own = case.certificates[one.signer]
    if own is None:
        return conclusions.unreadable_signature(one.field)
    time = _time_of(case, one, proof)
    state = state_of(one.bytes)
    judged = _described(case, one, own, state, time, later)
    if state is not State.INTACT:
        return concluded(judged, WRONG[state])
    forbidden = _forbidden_fields(one, fillable, is_last=is_last)
    if forbidden:
        named = ", ".join(f"“{name}”" for name in sorted(forbidden))
        said = f"Ô {named} bị điền hoặc sửa sau khi ký."
        return concluded(judged, Conclusion(Finding.CHANGED, said, Indication.CONSTRAINTS_FAILURE))
    if time.is_broken:
        return concluded(judged, BROKEN_STAMP)
    found = case.certificates.judged(one.signer, at=time.best, purpose=Purpose.SIGNATURE)
    standing = _with_weakness(case, found.standing, one, own, time)
    judged = concluded(judged, conclusion(standing, is_time_proven=time.is_stamped))
    chain = case.certificates.strength_of_chain(found.path, proven_at=time.best)
    if chain is Strength.LEGACY:
        judged = replace(judged, warnings=(*judged.warnings, conclusions.OLD_CHAIN))
    return replace(
        judged,
        certificate=facts_for_people(case.certificates, one.signer, found),
        level=_level(case, one, own, time, later),
    )


def _with_weakness(
    case: _Case, standing: Standing, one: SignatureFact, own: CertificateFact, time: _Time
) -> Standing:
    if standing is Standing.GOOD and _strength(case, one, own, time) is Strength.BROKEN:
        return Standing.WEAK_ALGORITHM
    return standing


def _forbidden_fields(one: SignatureFact, fillable: Set[str], *, is_last: bool) -> Set[str]:
    """Filled fields that the office does not know, or that nobody has signed since.

    Only a certifying signature that expressly allows filling may be the last one before it.
    """
    filled = set(one.bytes.filled)
    return filled if is_last and not one.awaits_filling else filled - fillable


def _described(
    case: _Case,
    one: SignatureFact,
    own: CertificateFact,
    state: State,
    time: _Time,
    later: Sequence[SignatureFact],
) -> SignatureVerdict:
    capacity, unit = verdict.read_statement(one.reason) or ("", own.unit)
    return SignatureVerdict(
        field=one.field,
        signer=own.subject,
        capacity=capacity,
        unit=unit,
        verdict=Finding.INTACT,
        reason="Chữ ký hợp lệ; nội dung nguyên vẹn từ khi ký.",
        indication=Indication.PASSED,
        level=_plain_level(one),
        signed_at=time.shown,
        time_source=time.source,
        covers_whole_file=one.bytes.covers_whole_file,
        changes=_changes(one, state, later),
        warnings=tuple(_warnings(case, one, own, time)),
    )


def _changes(one: SignatureFact, state: State, later: Sequence[SignatureFact]) -> tuple[str, ...]:
    said = [f"Điền ô “{name}”." for name in one.bytes.filled]
    said += [f"Ký tại ô “{other.field}”." for other in later if not other.is_timestamp]
    if any(other.is_timestamp for other in later):
        said.append("Bổ sung dữ liệu xác minh và dấu thời gian lưu trữ.")
    if state is State.REVISED:
        said.append("Nội dung hoặc hình thức của tệp bị sửa theo cách mà chữ ký không cho phép.")
    return tuple(said)


def _warnings(case: _Case, one: SignatureFact, own: CertificateFact, time: _Time) -> Iterable[str]:
    match _strength(case, one, own, time):
        case Strength.BROKEN:
            yield (
                "Chữ ký dùng thuật toán mật mã đã yếu theo chuẩn hiện nay "
                f"({_algorithms(one, own)}); điều đó không có nghĩa là chữ ký giả."
            )
        case Strength.LEGACY:
            yield (
                f"Chữ ký cũ, dùng thuật toán mật mã nay đã yếu ({_algorithms(one, own)}); dấu thời "
                "gian chứng minh chữ ký có từ khi thuật toán đó còn được chấp nhận."
            )
        case Strength.STRONG:
            pass
    for token, how in time.refused:
        authority = case.certificates[token.authority]
        yield (
            f"Dấu thời gian của chữ ký, do “{authority.subject if authority else ''}” cấp lúc "
            f"{_moment(token.stamped_at)}, không được tính vì {conclusions.STAMP_FAULTS[how]}."
        )
        if time.claimed is not None and time.claimed - token.stamped_at > _CLOCK_SLACK:
            yield (
                f"Thời gian ký tự khai ({_moment(time.claimed)}) muộn hơn cả dấu thời gian cấp cho "
                "chữ ký đó, nên đồng hồ của máy ký đã chạy sai."
            )
    if time.source is TimeSource.CLAIMED and not time.refused:
        yield "Thời gian ký do máy của người ký tự khai, chưa được dấu thời gian nào xác nhận."


def _moment(at: datetime) -> str:
    try:
        return f"{vietnam_time(at):%H:%M:%S ngày %d/%m/%Y}"
    except (OverflowError, ValueError):
        return at.isoformat()


def _strength(case: _Case, one: SignatureFact, own: CertificateFact, time: _Time) -> Strength:
    """Of the signature's own algorithms; only a time-stamp proves that they were good enough."""
    digest = "" if own.key in WITH_OWN_DIGEST else one.digest
    proven_at = time.best if time.source is TimeSource.TIMESTAMP else case.at
    return case.certificates.strength((digest,), own, use=Use.SIGNATURE, proven_at=proven_at)


def _algorithms(one: SignatureFact, own: CertificateFact) -> str:
    return f"{one.digest.upper()}, {own.key.upper()} {own.key_bits or ''}".strip()


def _plain_level(one: SignatureFact) -> Level:
    if not one.is_pades:
        return Level.NOT_PADES
    return Level.B_T if one.tokens else Level.B_B


def _level(
    case: _Case,
    one: SignatureFact,
    own: CertificateFact,
    time: _Time,
    later: Sequence[SignatureFact],
) -> Level:
    plain = _plain_level(one)
    if plain is Level.NOT_PADES:
        return plain
    offline = case.certificates.judged(
        one.signer, at=time.best, purpose=Purpose.SIGNATURE, offline=True
    )
    if _with_weakness(case, offline.standing, one, own, time) is not Standing.GOOD:
        return plain
    if time.is_covered and any(other.is_timestamp for other in later):
        return Level.B_LTA
    return Level.B_LT if plain is Level.B_T else plain
