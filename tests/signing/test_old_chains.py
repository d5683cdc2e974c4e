"""A chain of an old authority, under a hash that has fallen since, is old and not forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eoffice.signing import conclusions, gathering, judging, policy
from eoffice.signing.gathering_certificates import anchors_of
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Indication, Verdict
from tests.signing.papers import READ_AT, Dispatch

IN_2030 = datetime(2030, 3, 1, tzinfo=UTC)
ISSUER = "CA thử nghiệm phục vụ cơ quan giáo dục"


def judged(dispatch: Dispatch, trust: TrustStore, signed_with: str, at: datetime) -> Verdict:
    """As if the root had certified its authority under another hash."""
    facts = gathering.gather(dispatch.archived, trust=trust, at=at, desk=None)
    known = facts.known
    certificates = tuple(
        replace(one, signed_with=signed_with) if one.subject == ISSUER else one
        for one in known.certificates
    )
    assert certificates.count(next(one for one in certificates if one.subject == ISSUER)) == 1
    return judging.judge(
        replace(facts, known=replace(known, certificates=certificates)),
        anchors=anchors_of(trust),
        policy=policy.shipped(),
        at=at,
    )


def test_while_the_hash_is_accepted_nothing_is_said(dispatch: Dispatch, trust: TrustStore) -> None:
    found = judged(dispatch, trust, "sha1", READ_AT)
    assert found.verdict is Finding.INTACT
    assert all(one.warnings == () for one in found.signatures)


def test_later_it_is_called_old_where_a_time_stamp_dates_it(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    found = judged(dispatch, trust, "sha1", IN_2030)
    assert found.verdict is Finding.INTACT
    assert all(one.warnings == (conclusions.OLD_CHAIN,) for one in found.signatures)
    assert "không có nghĩa là chữ ký giả" in conclusions.OLD_CHAIN


@pytest.mark.parametrize("at", [READ_AT, IN_2030])
def test_what_was_never_accepted_proves_nothing_but_is_not_called_forged(
    dispatch: Dispatch, trust: TrustStore, at: datetime
) -> None:
    found = judged(dispatch, trust, "md5", at)
    assert found.verdict is Finding.UNVERIFIABLE
    assert {one.indication for one in found.signatures} == {Indication.WEAK_ALGORITHM}
