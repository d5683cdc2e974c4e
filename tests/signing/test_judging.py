"""Facts become a verdict by rules alone: every bug of the past stays judged rightly, there is a
verdict whatever the facts are, bad news never helps and foreign news never hurts.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.embedded.pki import Pki
from eoffice.signing import evidence, gathering, judging
from eoffice.signing.evidence import (
    AnchorFact,
    AnswerFact,
    FileFacts,
    RevokedFact,
    SignatureFact,
    Source,
)
from eoffice.signing.gathering_certificates import anchors_of
from eoffice.signing.policy import shipped
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Indication, Verdict
from eoffice.signing.verification import verify_pdf
from tests.signing import bugs
from tests.signing.papers import READ_AT, Dispatch
from tests.signing.regressions import Regression, everything, summary

KEPT = list(everything())


@pytest.mark.parametrize("bug", KEPT, ids=lambda bug: bug.name)
def test_what_was_judged_wrongly_once_is_judged_rightly(bug: Regression) -> None:
    assert summary(bug.judged()) == bug.expected, bug.about


@pytest.mark.parametrize("bug", KEPT, ids=lambda bug: bug.name)
def test_facts_survive_the_way_through_json(bug: Regression) -> None:
    assert FileFacts.from_json(bug.facts.to_json()) == bug.facts


def test_the_facts_of_every_bug_are_found_anew_in_the_file_itself(pki: Pki, in_2018: None) -> None:
    for bug in bugs.regressions(pki):
        assert summary(bug.judged()) == bug.expected, bug.name
    assert {bug.name for bug in bugs.BUGS} <= {bug.name for bug in KEPT}


def test_gathering_and_judging_are_what_verification_is(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    facts = gathering.gather(dispatch.archived, trust=trust, at=READ_AT)
    judged = judging.judge(facts, anchors=anchors_of(trust), policy=shipped(), at=READ_AT)
    assert judged == verify_pdf(dispatch.archived, trust=trust, at=READ_AT)


def test_the_judge_knows_no_library_no_network_and_no_database() -> None:
    told = (
        "import sys, eoffice.signing.judging\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    assert not set(done.stdout.split()) & {
        "httpx",
        "lxml",
        "pikepdf",
        "pyhanko",
        "pyhanko_certvalidator",
        "sqlalchemy",
    }


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"size_bytes": "1"},
        {"size_bytes": 1, "strange": 2},
        {"size_bytes": 1, "trouble": "none such"},
        {"size_bytes": 1, "signatures": [{}]},
    ],
)
def test_other_json_is_no_facts(found: dict[str, evidence.Json]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        FileFacts.from_json(found)


# Whatever the facts are

_DAYS = st.integers(0, 18_000).map(lambda days: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days))
_MOMENTS = _DAYS | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
_PLACES = st.integers(-1, 6)
_NAMES = st.sampled_from(["a", "b", "c"])
_DIGESTS = st.sampled_from(["sha256", "sha1", ""])
st.register_type_strategy(datetime, _MOMENTS)


def _facts() -> st.SearchStrategy[FileFacts]:
    usages = st.none() | st.sampled_from(
        [(), ("key_cert_sign", "crl_sign"), ("digital_signature",), ("time_stamping",)]
    )
    certificates = st.builds(
        evidence.CertificateFact,
        subject_id=_NAMES,
        issuer_id=_NAMES,
        key_id=_NAMES,
        not_before=_MOMENTS,
        not_after=_MOMENTS,
        key=st.sampled_from(["rsa", "ec", "secp256r1", "ed25519", "dsa"]),
        key_bits=st.sampled_from([0, 256, 1024, 2048]),
        signed_with=_DIGESTS,
        usages=usages,
        purposes=usages,
        strange_demands=st.sampled_from([(), ("x",)]),
        path_length=st.none() | st.integers(0, 2),
        points=st.just(()),
    )
    revoked = st.builds(RevokedFact, certificate=_PLACES, since=_MOMENTS, reason=_NAMES)
    answers = st.builds(
        AnswerFact,
        signers=st.lists(_PLACES, max_size=2).map(tuple),
        signed_with=_DIGESTS,
        about=st.lists(_PLACES, max_size=3).map(tuple),
        revoked=st.lists(revoked, max_size=2).map(tuple),
        points=st.just(()),
    )
    tokens = st.builds(
        evidence.TokenFact,
        digests=_DIGESTS.map(lambda one: (one,)),
        stamped_at=_MOMENTS,
        authority=_PLACES,
    )
    signatures = st.builds(
        SignatureFact,
        field=_NAMES,
        revision=st.integers(0, 3),
        signer=_PLACES,
        digest=_DIGESTS,
        reason=st.just(""),
        tokens=st.lists(tokens, max_size=2).map(tuple),
    )
    links = st.builds(evidence.LinkFact, child=_PLACES, parent=_PLACES)
    refusals = st.builds(evidence.RefusalFact, by=_PLACES, name_of=_PLACES)
    known = st.builds(
        evidence.Known,
        certificates=st.lists(certificates, max_size=5).map(tuple),
        links=st.lists(links, max_size=8).map(tuple),
        refusals=st.lists(refusals, max_size=1).map(tuple),
        answers=st.lists(answers, max_size=4).map(tuple),
        asked=st.lists(_PLACES, max_size=2).map(tuple),
    )
    return st.builds(
        FileFacts,
        size_bytes=st.integers(0, 10),
        trouble=st.none() | st.sampled_from(evidence.Trouble),
        alterations=st.lists(st.sampled_from(evidence.Alteration), max_size=1).map(tuple),
        signatures=st.lists(signatures, max_size=4).map(tuple),
        unreadable=st.lists(_NAMES, max_size=1).map(tuple),
        known=known,
    )


ANCHORS = (AnchorFact("a", "a"), AnchorFact("b", "b"))


@settings(max_examples=150, deadline=None)
@given(_facts(), _MOMENTS)
def test_there_is_a_verdict_whatever_the_facts_are(facts: FileFacts, at: datetime) -> None:
    judged = judging.judge(facts, anchors=ANCHORS, policy=shipped(), at=at)
    assert isinstance(judged, Verdict)
    assert Verdict.from_json(judged.to_json()) == judged
    judging.wanted(facts, anchors=ANCHORS, policy=shipped(), at=at)
    assert FileFacts.from_json(facts.to_json()) == facts


# News

TOLD = [bug for bug in KEPT if bug.facts.known.answers]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_revocation_in_force_never_improves_a_verdict(data: st.DataObject) -> None:
    bug = data.draw(st.sampled_from(TOLD))
    answers = bug.facts.known.answers
    place = data.draw(st.integers(0, len(answers) - 1))
    one = answers[place]
    who = data.draw(st.sampled_from(range(len(bug.facts.known.certificates))))
    # Before all that the file is about: later revocations say that it was good until then.
    entry = RevokedFact(who, datetime(2010, 1, 1, tzinfo=UTC), "key_compromise")
    told = replace(one, about=(*one.about, who), revoked=(*one.revoked, entry))
    worse = with_answers(bug, (*answers[:place], told, *answers[place + 1 :]))
    assert passed(worse) <= passed(bug)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_news_of_somebody_else_never_worsens_a_verdict(data: st.DataObject) -> None:
    bug = data.draw(st.sampled_from(TOLD))
    moment = data.draw(_DAYS)
    certificates = bug.facts.known.certificates
    stranger = replace(certificates[0], subject_id="f" * 32, key_id="f" * 32, sha256="f" * 64)
    about_stranger = AnswerFact(
        is_list=data.draw(st.booleans()),
        source=Source.FILE,
        signers=(data.draw(st.integers(0, len(certificates) - 1)),),
        signed_with="sha256",
        this_update=moment,
        next_update=moment + timedelta(days=7),
        produced_at=moment,
        about=(len(certificates),),
        revoked=(RevokedFact(len(certificates), moment, "key_compromise"),),
    )
    known = bug.facts.known
    more = replace(
        known,
        certificates=(*certificates, stranger),
        answers=(about_stranger, *known.answers, about_stranger),
    )
    told = replace(bug, facts=replace(bug.facts, known=more))
    assert summary(told.judged()) == summary(bug.judged())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_losing_an_answer_of_good_news_never_improves_a_verdict(data: st.DataObject) -> None:
    bug = data.draw(st.sampled_from(TOLD))
    answers = bug.facts.known.answers
    lost = data.draw(st.sets(st.integers(0, len(answers) - 1)))
    kept = tuple(one for place, one in enumerate(answers) if one.revoked or place not in lost)
    assert passed(with_answers(bug, kept)) <= passed(bug)


def with_answers(bug: Regression, answers: tuple[AnswerFact, ...]) -> Regression:
    return replace(bug, facts=replace(bug.facts, known=replace(bug.facts.known, answers=answers)))


def passed(bug: Regression) -> set[str]:
    """The fields that are found good."""
    found = bug.judged()
    fields = {one.field for one in found.signatures if one.indication is Indication.PASSED}
    return fields | {one.field for one in found.timestamps if one.indication is Indication.PASSED}


def test_without_the_anchor_nothing_is_intact() -> None:
    for bug in KEPT:
        judged = judging.judge(bug.facts, anchors=(), policy=shipped(), at=bug.at)
        assert judged.verdict is not Finding.INTACT
