"""How certificates stood at a moment, by what is known of them. Pure, and total: never raises.

A certificate was good when a chain of right signatures leads from it to a trust anchor, every rule
of that chain was kept (RFC 5280, 6.1), all dates held, and an authority said of each certificate
that it was not revoked. That somebody was revoked counts for ever, whoever tells it and however
late; that somebody was not counts only for as long as the answer runs, and only if it was given
while the certificate ran (RFC 5280, 3.3: expired certificates leave the list).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from eoffice.signing.evidence import (
    AnchorFact,
    AnswerFact,
    CertificateFact,
    Known,
    Purpose,
    RevokedFact,
    Source,
    Standing,
)
from eoffice.signing.policy import Policy, Strength, Use

_LONGEST_PATH: Final = 8
_MOST_PATHS: Final = 64
_TOLERANCE: Final = timedelta(seconds=1)
#: An answer that does not say when the next one comes is of the moment (RFC 6960, 2.4).
_MOMENT: Final = timedelta(minutes=30)
_ALL: Final = frozenset(Source)
_KEPT: Final = frozenset({Source.FILE})

#: Where several chains are possible and none is good, the one that is best decides.
_BEST_FIRST: Final = (
    Standing.GOOD,
    Standing.NO_REVOCATION_DATA,
    Standing.WEAK_ALGORITHM,
    Standing.NOT_YET_VALID,
    Standing.EXPIRED,
    Standing.REVOKED,
    Standing.BROKEN_CHAIN,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer about one certificate that counts."""

    answer: AnswerFact
    #: Since when it was revoked; None: it was not.
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    standing: Standing
    #: From the trust anchor down to the certificate; empty where no chain was found.
    path: tuple[int, ...] = ()
    #: What the file carries was not enough, and an authority was asked.
    was_asked: bool = False
    #: Who says whether the certificate itself was revoked; None where nobody does.
    heard: Heard | None = None


def is_for(certificate: CertificateFact, purpose: Purpose) -> bool:
    """RFC 3161, 2.3: a time-stamp authority's certificate is for nothing else."""
    purposes = set(certificate.purposes or ())
    if purpose is Purpose.TIMESTAMP:
        return "time_stamping" in purposes
    if purposes == {"time_stamping"} or purposes == {"ocsp_signing"}:
        return False
    usages = certificate.usages
    return usages is None or bool(set(usages) & {"digital_signature", "non_repudiation"})


class Certificates:
    """What is known, put in order once for many questions. The same question is answered once."""

    def __init__(
        self, known: Known, anchors: Sequence[AnchorFact], *, policy: Policy, now: datetime
    ) -> None:
        self.policy = policy
        self.now = now
        self._all = known.certificates
        count = len(self._all)
        self._anchors: dict[tuple[str, str], list[AnchorFact]] = defaultdict(list)
        for one in anchors:
            self._anchors[one.subject_id, one.key_id].append(one)
        self._parents: dict[int, list[int]] = defaultdict(list)
        for link in known.links:
            if 0 <= link.child < count and 0 <= link.parent < count:
                self._parents[link.child].append(link.parent)
        self._refused = {(one.by, one.name_of) for one in known.refusals}
        self._answers: dict[int, list[AnswerFact]] = defaultdict(list)
        for answer in known.answers:
            for about in answer.about:
                self._answers[about].append(answer)
        self._asked = frozenset(known.asked)
        self._known: dict[tuple[int, datetime, Purpose, bool, bool], Judged] = {}

    def __getitem__(self, certificate: int) -> CertificateFact | None:
        return self._all[certificate] if 0 <= certificate < len(self._all) else None

    def strength(
        self, digests: Iterable[str], key: CertificateFact, *, use: Use, proven_at: datetime
    ) -> Strength:
        """What digests and a key are worth now, in something that existed at `proven_at`.

        Schemes with a digest of their own name none: the empty name is not looked at.
        """
        told = [(digest, 0) for digest in digests if digest]
        return Strength.weakest(
            self.policy.standing(name, bits, use=use, at=self.now, proven_at=proven_at)
            for name, bits in (*told, (key.key, key.key_bits))
        )

    def strength_of_chain(self, path: Sequence[int], *, proven_at: datetime) -> Strength:
        """What the signatures of the authorities below the anchor are worth now."""
        return Strength.weakest(
            self.strength((one.signed_with,), one, use=Use.CERTIFICATE, proven_at=proven_at)
            for one in (self._all[place] for place in path[1:])
        )

    def root_name(self, certificate: int) -> str:
        """What the reader's office calls an anchor; empty where it says nothing."""
        one = self._all[certificate]
        known = self._anchors.get((one.subject_id, one.key_id), ())
        return next((anchor.name for anchor in known if anchor.name), "")

    def judged(
        self, certificate: int, *, at: datetime, purpose: Purpose, offline: bool = False
    ) -> Judged:
        """`offline`: by what the file carries alone."""
        found = self._judged(certificate, at, purpose, offline=True, revocation=True)
        may_ask = not offline and certificate in self._asked
        if found.standing is not Standing.NO_REVOCATION_DATA or not may_ask:
            return found
        told = self._judged(certificate, at, purpose, offline=False, revocation=True)
        return Judged(told.standing, told.path, was_asked=True, heard=told.heard)

    def chain(self, certificate: int, *, at: datetime, purpose: Purpose) -> Judged:
        """The same without looking at revocation."""
        return self._judged(certificate, at, purpose, offline=True, revocation=False)

    def _judged(
        self, certificate: int, at: datetime, purpose: Purpose, *, offline: bool, revocation: bool
    ) -> Judged:
        question = (certificate, at, purpose, offline, revocation)
        found = self._known.get(question)
        if found is None:
            found = self._known[question] = self._best(*question)
        return found

    def _best(
        self, certificate: int, at: datetime, purpose: Purpose, offline: bool, revocation: bool
    ) -> Judged:
        own = self[certificate]
        if own is None:
            return Judged(Standing.UNKNOWN_ISSUER)
        if not is_for(own, purpose):
            return Judged(Standing.WRONG_PURPOSE)
        sources = _KEPT if offline else _ALL
        best: Judged | None = None
        for path in self._paths(certificate, at, purpose):
            standing = self._of_path(path, at)
            if standing is Standing.GOOD and revocation:
                standing = self._revocation(path, at, sources)
            if best is None or _rank(standing) < _rank(best.standing):
                heard = self._heard(path, at, sources) if revocation else None
                best = Judged(standing, path, heard=heard)
        return best or Judged(Standing.UNKNOWN_ISSUER)

    # Chains

    def _paths(self, certificate: int, at: datetime, purpose: Purpose) -> Iterator[tuple[int, ...]]:
        """Ways from an anchor that counts down to the certificate, shortest first, not too many."""
        ways: list[tuple[int, ...]] = [(certificate,)]
        seen = 0
        while ways and seen < _MOST_PATHS:
            way = ways.pop(0)
            seen += 1
            if self._is_anchor(way[0], at, purpose):
                yield way
            elif len(way) < _LONGEST_PATH:
                ways += [
                    (above, *way) for above in self._parents.get(way[0], ()) if above not in way
                ]

    def _is_anchor(self, certificate: int, at: datetime, purpose: Purpose) -> bool:
        one = self._all[certificate]
        return any(
            (anchor.serves is None or purpose in anchor.serves)
            and (anchor.since is None or anchor.since <= at)
            and (anchor.until is None or at < anchor.until)
            for anchor in self._anchors.get((one.subject_id, one.key_id), ())
        )

    def _of_path(self, path: Sequence[int], at: datetime) -> Standing:
        """What can be said without asking about revocation."""
        certificates = [self._all[one] for one in path]
        if not self._keeps_rules(path, certificates):
            return Standing.BROKEN_CHAIN
        below = certificates[1:]
        if any(self._is_weak(one, at) for one in below):
            return Standing.WEAK_ALGORITHM
        dated = below or certificates
        if any(at < one.not_before for one in dated):
            return Standing.NOT_YET_VALID
        if any(at > one.not_after for one in dated):
            return Standing.EXPIRED
        return Standing.GOOD

    def _keeps_rules(self, path: Sequence[int], certificates: Sequence[CertificateFact]) -> bool:
        """RFC 5280, 6.1.4: authorities, their usage, the length of the path, names, demands."""
        below = 0
        for place in range(len(path) - 2, -1, -1):
            one = certificates[place]
            if place > 0 and not (one.is_ca and _may(one, "key_cert_sign")):
                return False
            if one.path_length is not None and below > one.path_length:
                return False
            below += one.subject_id != one.issuer_id
        if any(one.strange_demands for one in certificates[1:]):
            return False
        return not any(
            (by, name_of) in self._refused
            for place, name_of in enumerate(path)
            if place == len(path) - 1
            or certificates[place].subject_id != certificates[place].issuer_id
            for by in path[:place]
        )

    # Revocation

    def _revocation(
        self, path: Sequence[int], at: datetime, sources: frozenset[Source]
    ) -> Standing:
        found = [
            self._is_revoked(certificate, issuer, at, sources)
            for issuer, certificate in pairwise(path)
        ]
        if True in found:
            return Standing.REVOKED
        return Standing.NO_REVOCATION_DATA if None in found else Standing.GOOD

    def _is_revoked(
        self,
        certificate: int,
        issuer: int,
        at: datetime,
        sources: frozenset[Source],
        *,
        by_issuer_alone: bool = False,
    ) -> bool | None:
        """Whether it was revoked at `at`; None where nobody says so, or so late."""
        told = self._told(certificate, issuer, at, sources, by_issuer_alone=by_issuer_alone)
        said: bool | None = None
        for heard in told:
            if heard.since is not None:
                return True
            said = False
        return said

    def _heard(self, path: Sequence[int], at: datetime, sources: frozenset[Source]) -> Heard | None:
        """The first revocation, else the youngest word that there was none."""
        if len(path) < 2:
            return None
        told = list(self._told(path[-1], path[-2], at, sources))
        revoked = [(one.since, one) for one in told if one.since is not None]
        if revoked:
            return min(revoked, key=lambda pair: pair[0])[1]
        return max(told, key=lambda one: one.answer.this_update, default=None)

    def _told(
        self,
        certificate: int,
        issuer: int,
        at: datetime,
        sources: frozenset[Source],
        *,
        by_issuer_alone: bool = False,
    ) -> Iterator[Heard]:
        """What counts of what is said about a certificate."""
        own = self._all[certificate]
        for answer in self._answers.get(certificate, ()):
            if answer.source not in sources:
                continue
            if not self._speaks_for(answer, issuer, at, sources, by_issuer_alone=by_issuer_alone):
                continue
            named = min(
                (one for one in answer.revoked if one.certificate == certificate),
                key=lambda one: one.since,
                default=None,
            )
            if named is not None and named.since <= at:
                yield Heard(answer, named.since)
            elif _counts(answer, own, named, at) and self._is_believed(answer, at):
                yield Heard(answer)

    def _speaks_for(
        self,
        answer: AnswerFact,
        issuer: int,
        at: datetime,
        sources: frozenset[Source],
        *,
        by_issuer_alone: bool,
    ) -> bool:
        """Whether an answer is the issuer's own, or of a responder that the issuer appointed."""
        for signer in answer.signers:
            who = self[signer]
            if who is None:
                continue
            if self._is_same(signer, issuer):
                if not answer.is_list or _may(who, "crl_sign"):
                    return True
            elif (
                not answer.is_list
                and not by_issuer_alone
                and self._is_appointed(signer, who, issuer, answer.produced_at, at, sources)
            ):
                return True
        return False

    def _is_appointed(
        self,
        responder: int,
        who: CertificateFact,
        issuer: int,
        produced_at: datetime,
        at: datetime,
        sources: frozenset[Source],
    ) -> bool:
        """RFC 6960, 4.2.2.2: issued by the same authority, for this, and good when it answered."""
        if "ocsp_signing" not in (who.purposes or ()) or who.strange_demands:
            return False
        if self._is_weak(who, at):
            return False
        if not any(self._is_same(one, issuer) for one in self._parents.get(responder, ())):
            return False
        if not who.not_before <= produced_at <= who.not_after:
            return False
        # An answer that was there before `at` must have been somebody's who still was in office.
        if produced_at < at and who.not_after < at:
            return False
        return who.is_not_checked or (
            self._is_revoked(responder, issuer, produced_at, sources, by_issuer_alone=True) is False
        )

    def _is_weak(self, certificate: CertificateFact, at: datetime) -> bool:
        found = self.strength(
            (certificate.signed_with,), certificate, use=Use.CERTIFICATE, proven_at=at
        )
        return found is Strength.BROKEN

    def _is_believed(self, answer: AnswerFact, at: datetime) -> bool:
        """A forged "good" is worth something, a forged "revoked" is not."""
        found = answer.signed_with and self.policy.standing(
            answer.signed_with, use=Use.ANSWER, at=self.now, proven_at=at
        )
        return found is not Strength.BROKEN

    def _is_same(self, one: int, other: int) -> bool:
        """The same authority, perhaps by another certificate."""
        first, second = self._all[one], self._all[other]
        return (first.subject_id, first.key_id) == (second.subject_id, second.key_id)


def _counts(
    answer: AnswerFact, own: CertificateFact, named: RevokedFact | None, at: datetime
) -> bool:
    """Whether an answer says that somebody who was not revoked by then was still good at `at`."""
    last, grace = answer.next_update, _TOLERANCE
    if last is None:
        last, grace = answer.this_update, _MOMENT
    if at - last > grace:
        return False
    if named is not None:
        return True
    if not answer.is_complete or answer.only_authorities not in (None, own.is_ca):
        return False
    if answer.points and not set(answer.points) & set(own.points):
        return False
    if answer.this_update <= own.not_after:
        return True
    return answer.ended_since is not None and answer.ended_since <= own.not_after


def _may(certificate: CertificateFact, usage: str) -> bool:
    return certificate.usages is None or usage in certificate.usages


def _rank(standing: Standing) -> int:
    return _BEST_FIRST.index(standing)
