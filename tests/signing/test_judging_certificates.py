"""A chain is good when every rule of it was kept, every date held and every authority said so
(RFC 5280, 6; RFC 6960, 4.2.2). Each rule is broken here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from eoffice.signing.evidence import (
    AnchorFact,
    AnswerFact,
    CertificateFact,
    Known,
    LinkFact,
    Purpose,
    RefusalFact,
    RevokedFact,
    Source,
    Standing,
)
from eoffice.signing.judging_certificates import Certificates
from eoffice.signing.policy import shipped

AT = datetime(2027, 1, 1, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
ROOT, AUTHORITY, SIGNER, RESPONDER = range(4)


def certificate(name: str, issuer: str, *, is_ca: bool = False) -> CertificateFact:
    return CertificateFact(
        sha256=name,
        subject=name,
        issuer=issuer,
        unit="",
        subject_id=name,
        issuer_id=issuer,
        key_id=f"key of {name}",
        serial="1",
        not_before=AT - YEAR,
        not_after=AT + YEAR,
        key="rsa",
        key_bits=2048,
        signed_with="sha256",
        is_ca=is_ca,
        path_length=None,
        usages=("crl_sign", "key_cert_sign") if is_ca else ("digital_signature",),
        purposes=None,
    )


def listed(signer: int, *about: int) -> AnswerFact:
    return AnswerFact(
        is_list=True,
        source=Source.FILE,
        signers=(signer,),
        signed_with="sha256",
        this_update=AT - DAY,
        next_update=AT + DAY,
        produced_at=AT - DAY,
        about=about,
    )


@dataclass
class World:
    """Root, authority, signer, and a responder of the authority; lists tell good of all."""

    certificates: list[CertificateFact] = field(
        default_factory=lambda: [
            certificate("root", "root", is_ca=True),
            certificate("authority", "root", is_ca=True),
            certificate("signer", "authority"),
            replace(certificate("responder", "authority"), purposes=("ocsp_signing",)),
        ]
    )
    links: list[LinkFact] = field(
        default_factory=lambda: [
            LinkFact(AUTHORITY, ROOT),
            LinkFact(SIGNER, AUTHORITY),
            LinkFact(RESPONDER, AUTHORITY),
        ]
    )
    answers: list[AnswerFact] = field(
        default_factory=lambda: [listed(ROOT, AUTHORITY), listed(AUTHORITY, SIGNER, RESPONDER)]
    )
    refusals: tuple[RefusalFact, ...] = ()
    anchors: tuple[AnchorFact, ...] = (AnchorFact("root", "key of root"),)

    def change(self, who: int, **fields: object) -> None:
        self.certificates[who] = replace(self.certificates[who], **fields)  # type: ignore[arg-type]

    def tell(self, number: int, **fields: object) -> None:
        self.answers[number] = replace(self.answers[number], **fields)  # type: ignore[arg-type]

    def standing(self, purpose: Purpose = Purpose.SIGNATURE, at: datetime = AT) -> Standing:
        known = Known(
            certificates=tuple(self.certificates),
            links=tuple(self.links),
            refusals=self.refusals,
            answers=tuple(self.answers),
        )
        case = Certificates(known, self.anchors, policy=shipped(), now=AT)
        return case.judged(SIGNER, at=at, purpose=purpose).standing


def test_a_chain_that_keeps_every_rule_is_good() -> None:
    assert World().standing() is Standing.GOOD


# Rules of the chain


def of(who: int, **fields: object) -> Callable[[World], None]:
    return lambda world: world.change(who, **fields)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (of(AUTHORITY, is_ca=False), Standing.BROKEN_CHAIN),
        (of(AUTHORITY, usages=("crl_sign",)), Standing.BROKEN_CHAIN),
        (of(ROOT, path_length=0), Standing.BROKEN_CHAIN),
        (of(AUTHORITY, strange_demands=("2.5.29.99",)), Standing.BROKEN_CHAIN),
        (of(SIGNER, strange_demands=("2.5.29.99",)), Standing.BROKEN_CHAIN),
        (of(AUTHORITY, signed_with="md5"), Standing.WEAK_ALGORITHM),
        (of(SIGNER, signed_with="md5"), Standing.WEAK_ALGORITHM),
        (of(AUTHORITY, key_bits=1024), Standing.WEAK_ALGORITHM),
        (of(SIGNER, key="unheard-of"), Standing.WEAK_ALGORITHM),
        (of(AUTHORITY, not_before=AT + DAY), Standing.NOT_YET_VALID),
        (of(SIGNER, not_before=AT + DAY), Standing.NOT_YET_VALID),
        (of(AUTHORITY, not_after=AT - DAY), Standing.EXPIRED),
        (of(SIGNER, not_after=AT - DAY), Standing.EXPIRED),
        (of(SIGNER, usages=("key_encipherment",)), Standing.WRONG_PURPOSE),
        (of(SIGNER, purposes=("time_stamping",)), Standing.WRONG_PURPOSE),
        (of(SIGNER, purposes=("ocsp_signing",)), Standing.WRONG_PURPOSE),
        (lambda world: world.links.clear(), Standing.UNKNOWN_ISSUER),
        (of(ROOT, key_id="another key"), Standing.UNKNOWN_ISSUER),
    ],
)
def test_one_broken_rule_breaks_the_chain(
    broken: Callable[[World], None], expected: Standing
) -> None:
    world = World()
    broken(world)
    assert world.standing() is expected


@pytest.mark.parametrize(
    "harmless",
    [
        of(ROOT, not_after=AT - DAY),  # An anchor is believed by its name and key.
        of(ROOT, signed_with="md5"),
        of(ROOT, path_length=1),
        of(AUTHORITY, path_length=0),
        of(AUTHORITY, usages=None),
        of(SIGNER, usages=None),
        of(SIGNER, purposes=("email_protection",)),
    ],
)
def test_what_no_rule_forbids_is_good(harmless: Callable[[World], None]) -> None:
    world = World()
    harmless(world)
    assert world.standing() is Standing.GOOD


@pytest.mark.parametrize("by", [ROOT, AUTHORITY])
def test_names_that_an_authority_may_not_certify_break_the_chain(by: int) -> None:
    world = World(refusals=(RefusalFact(by, SIGNER),))
    assert world.standing() is Standing.BROKEN_CHAIN
    assert World(refusals=(RefusalFact(SIGNER, by),)).standing() is Standing.GOOD


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ({"serves": (Purpose.SIGNATURE,)}, Standing.GOOD),
        ({"serves": (Purpose.TIMESTAMP,)}, Standing.UNKNOWN_ISSUER),
        ({"since": AT}, Standing.GOOD),
        ({"since": AT + DAY}, Standing.UNKNOWN_ISSUER),
        ({"until": AT + DAY}, Standing.GOOD),
        ({"until": AT}, Standing.UNKNOWN_ISSUER),
    ],
)
def test_an_anchor_counts_for_what_and_when_it_is_trusted(
    anchor: dict[str, object], expected: Standing
) -> None:
    (root,) = World().anchors
    trusted = replace(root, **anchor)  # type: ignore[arg-type]
    assert World(anchors=(trusted,)).standing() is expected


def test_a_time_stamp_needs_a_certificate_for_time_stamps() -> None:
    world = World()
    assert world.standing(Purpose.TIMESTAMP) is Standing.WRONG_PURPOSE
    world.change(SIGNER, purposes=("time_stamping",))
    assert world.standing(Purpose.TIMESTAMP) is Standing.GOOD


def test_of_two_chains_the_good_one_decides() -> None:
    world = World()
    world.change(AUTHORITY, not_after=AT - DAY)
    again = len(world.certificates)
    world.certificates.append(certificate("authority", "root", is_ca=True))
    world.links += [LinkFact(SIGNER, again), LinkFact(again, ROOT)]
    world.answers.append(listed(ROOT, again))
    assert world.standing() is Standing.GOOD


def test_certificates_that_sign_each_other_lead_nowhere_and_end() -> None:
    world = World(anchors=())
    world.links.append(LinkFact(ROOT, AUTHORITY))
    assert world.standing() is Standing.UNKNOWN_ISSUER


# Revocation lists


def saying(number: int, **fields: object) -> Callable[[World], None]:
    return lambda world: world.tell(number, **fields)


@pytest.mark.parametrize(
    "untold",
    [
        lambda world: world.answers.clear(),
        lambda world: world.answers.pop(0),
        saying(1, signers=(ROOT,)),
        saying(1, signers=()),
        saying(1, signed_with="md5"),
        saying(1, next_update=AT - DAY),
        saying(1, next_update=None),
        saying(1, is_complete=False),
        saying(1, only_authorities=True),
        saying(0, only_authorities=False),
        saying(1, points=("http://elsewhere/list",)),
        of(AUTHORITY, usages=("key_cert_sign",)),
    ],
)
def test_what_an_answer_does_not_say_nobody_knows(untold: Callable[[World], None]) -> None:
    world = World()
    untold(world)
    assert world.standing() is Standing.NO_REVOCATION_DATA


@pytest.mark.parametrize(
    "told",
    [
        saying(1, only_authorities=False),
        saying(0, only_authorities=True),
        saying(1, next_update=None, this_update=AT),
        lambda world: (
            world.tell(1, points=("http://here/list",)),
            world.change(SIGNER, points=("http://here/list",)),
        ),
    ],
)
def test_an_answer_for_some_counts_for_those(told: Callable[[World], None]) -> None:
    world = World()
    told(world)
    assert world.standing() is Standing.GOOD


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"is_complete": False},
        {"signed_with": "md5"},
        {"next_update": AT - DAY},
        {"only_authorities": True},
        {"points": ("http://elsewhere/list",)},
    ],
)
def test_a_revocation_counts_whatever_list_tells_it(form: dict[str, object]) -> None:
    world = World()
    entry = RevokedFact(SIGNER, AT - DAY, "key_compromise")
    told = replace(world.answers[1], revoked=(entry,), **form)  # type: ignore[arg-type]
    world.answers.append(told)
    assert world.standing() is Standing.REVOKED
    assert world.standing(at=AT - 2 * DAY) is Standing.GOOD


def test_an_authority_that_was_revoked_takes_its_signers_along() -> None:
    world = World()
    world.tell(0, revoked=(RevokedFact(AUTHORITY, AT - DAY, "ca_compromise"),))
    assert world.standing() is Standing.REVOKED


def test_a_stranger_revokes_nobody() -> None:
    world = World()
    entry = RevokedFact(SIGNER, AT - DAY, "key_compromise")
    world.answers.append(replace(listed(RESPONDER, SIGNER), revoked=(entry,)))
    assert world.standing() is Standing.GOOD


# Responders


def answered(world: World, **fields: object) -> Standing:
    """The signer's standing by the responder's word alone."""
    said = replace(listed(RESPONDER, SIGNER), is_list=False)
    world.answers = [
        world.answers[0],
        listed(AUTHORITY, RESPONDER),
        replace(said, **fields),  # type: ignore[arg-type]
    ]
    return world.standing()


def test_a_responder_that_the_authority_appointed_answers_for_it() -> None:
    assert answered(World()) is Standing.GOOD
    assert answered(World(), signers=(AUTHORITY,)) is Standing.GOOD


@pytest.mark.parametrize(
    "unfit",
    [
        of(RESPONDER, purposes=None),
        of(RESPONDER, purposes=("email_protection",)),
        of(RESPONDER, strange_demands=("2.5.29.99",)),
        of(RESPONDER, signed_with="md5"),
        of(RESPONDER, key_bits=1024),
        of(RESPONDER, not_after=AT - 2 * DAY),
        # It was in office when it answered, and is no more at the moment in question.
        of(RESPONDER, not_after=AT - DAY / 2),
        of(RESPONDER, not_before=AT),
        lambda world: world.links.__setitem__(2, LinkFact(RESPONDER, ROOT)),
        lambda world: world.links.pop(),
    ],
)
def test_a_responder_that_nobody_appointed_or_that_was_over_says_nothing(
    unfit: Callable[[World], None],
) -> None:
    world = World()
    unfit(world)
    assert answered(world) is Standing.NO_REVOCATION_DATA


def test_a_responder_must_not_be_revoked_itself() -> None:
    world = World()
    answered(world)
    world.tell(1, revoked=(RevokedFact(RESPONDER, AT - YEAR, "key_compromise"),))
    assert world.standing() is Standing.NO_REVOCATION_DATA
    world.answers.pop(1)
    assert world.standing() is Standing.NO_REVOCATION_DATA
    world.change(RESPONDER, is_not_checked=True)
    assert world.standing() is Standing.GOOD


def test_responders_do_not_vouch_for_each_other() -> None:
    world = World()
    answered(world)
    world.answers[1] = replace(listed(RESPONDER, RESPONDER), is_list=False)
    assert world.standing() is Standing.NO_REVOCATION_DATA
