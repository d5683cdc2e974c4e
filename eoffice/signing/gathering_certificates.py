"""Reading certificates, revocation lists and OCSP responses into facts.

Signatures between them are checked here, once for each pair; what they mean is judged elsewhere.
What cannot be read is left out: it proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from asn1crypto import core, crl, ocsp, x509
from cryptography import x509 as cryptography_x509
from cryptography.x509 import (
    CRLReason,
    DuplicateExtension,
    ExtensionNotFound,
    ReasonFlags,
    UnsupportedGeneralNameType,
)

from eoffice.signing.evidence import (
    AnchorFact,
    AnswerFact,
    CertificateFact,
    Known,
    LinkFact,
    RefusalFact,
    RevokedFact,
    Source,
)
from eoffice.signing.gathering_x509 import (
    UNREADABLE,
    allows,
    certificate_fact,
    digest_of,
    hashed,
    is_signed_by,
    name_id,
    point_names,
)
from eoffice.signing.trust import TrustStore

_EXPIRED_CERTIFICATES_STAY: Final = "2.5.29.60"
_UNDERSTOOD_OF_LISTS: Final = frozenset(
    {"issuing_distribution_point", "crl_number", "authority_key_identifier"}
)
#: A file may bring thousands of certificates; a chain is found among the first ones.
_MOST_CERTIFICATES: Final = 400


@dataclass(frozen=True, slots=True)
class Evidence:
    """Certificates and revocation data, from a file or fetched for it."""

    certificates: tuple[x509.Certificate, ...] = ()
    ocsp_responses: tuple[ocsp.OCSPResponse, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()

    def with_certificates(self, more: Iterable[x509.Certificate]) -> Evidence:
        return Evidence((*self.certificates, *more), self.ocsp_responses, self.crls)

    def and_also(self, other: Evidence) -> Evidence:
        return Evidence(
            self.certificates + other.certificates,
            self.ocsp_responses + other.ocsp_responses,
            self.crls + other.crls,
        )


class Pool:
    """Collects certificates and answers, each once, and tells what is known of them."""

    def __init__(self, trust: TrustStore) -> None:
        self._places: dict[bytes, int] = {}
        self.certificates: list[x509.Certificate] = []
        self._facts: list[CertificateFact] = []
        self._lists: dict[bytes, tuple[crl.CertificateList, Source]] = {}
        self._responses: dict[bytes, tuple[ocsp.OCSPResponse, Source]] = {}
        self._asked: set[int] = set()
        self._signed_by: dict[tuple[int, int], bool] = {}
        self._answers: dict[tuple[bytes, int], tuple[AnswerFact, ...]] = {}
        self.anchors = anchors_of(trust)
        for der in trust.anchors:
            self.add(x509.Certificate.load(der))

    def add(self, certificate: x509.Certificate) -> int | None:
        """Its place; None where it cannot be read, or where there are too many."""
        der = certificate.dump()
        place = self._places.get(der)
        if place is not None:
            return place
        if len(self.certificates) >= _MOST_CERTIFICATES:
            return None
        try:
            fact = certificate_fact(der)
        except UNREADABLE:
            return None
        self._places[der] = len(self.certificates)
        self.certificates.append(certificate)
        self._facts.append(fact)
        return len(self.certificates) - 1

    def add_all(self, evidence: Evidence, source: Source = Source.FILE) -> None:
        for certificate in evidence.certificates:
            self.add(certificate)
        for listed in evidence.crls:
            self._lists.setdefault(listed.dump(), (listed, source))
        for response in evidence.ocsp_responses:
            if response.dump() in self._responses:
                continue
            self._responses[response.dump()] = (response, source)
            try:
                for certificate in _basic(response)["certs"] or ():
                    self.add(certificate)
            except UNREADABLE:
                continue

    def mark_asked(self, certificate: int) -> None:
        self._asked.add(certificate)

    def known(self) -> Known:
        count = len(self.certificates)
        by_name: dict[str, list[int]] = {}
        for place, fact in enumerate(self._facts):
            by_name.setdefault(fact.subject_id, []).append(place)
        links = tuple(
            LinkFact(child, parent)
            for child in range(count)
            for parent in by_name.get(self._facts[child].issuer_id, ())
            if parent != child and self._has_signed(parent, child)
        )
        return Known(
            certificates=tuple(self._facts),
            links=links,
            refusals=tuple(self._refusals()),
            answers=tuple(self._all_answers(by_name, links)),
            asked=tuple(sorted(self._asked)),
        )

    def _has_signed(self, parent: int, child: int) -> bool:
        found = self._signed_by.get((parent, child))
        if found is None:
            one = self.certificates[child]
            found = self._signed_by[parent, child] = is_signed_by(
                self.certificates[parent].public_key,
                one["tbs_certificate"].dump(),
                one["signature_algorithm"],
                one["signature_value"].native,
            )
        return found

    def _refusals(self) -> Iterable[RefusalFact]:
        for by, authority in enumerate(self.certificates):
            constraints = authority.name_constraints_value
            if constraints is None:
                continue
            for name_of, other in enumerate(self.certificates):
                if not allows(constraints, other):
                    yield RefusalFact(by, name_of)

    # Answers

    def _all_answers(
        self, by_name: dict[str, list[int]], links: Sequence[LinkFact]
    ) -> Iterable[AnswerFact]:
        # What an answer says depends on the certificates that are known: asked anew when they grow.
        count = len(self.certificates)
        for der, (listed, source) in self._lists.items():
            yield from self._remembered(der, count, partial(self._of_list, listed, source, by_name))
        parents: dict[int, list[int]] = {}
        for link in links:
            parents.setdefault(link.child, []).append(link.parent)
        for der, (response, source) in self._responses.items():
            yield from self._remembered(
                der, count, partial(self._of_response, response, source, parents)
            )

    def _remembered(
        self, der: bytes, count: int, read: Callable[[], Iterable[AnswerFact]]
    ) -> tuple[AnswerFact, ...]:
        found = self._answers.get((der, count))
        if found is None:
            try:
                found = tuple(read())
            except UNREADABLE:
                found = ()
            self._answers[der, count] = found
        return found

    def _of_list(
        self, listed: crl.CertificateList, source: Source, by_name: dict[str, list[int]]
    ) -> Iterable[AnswerFact]:
        issuer = name_id(listed.issuer)
        signers = tuple(
            place
            for place in by_name.get(issuer, ())
            if is_signed_by(
                self.certificates[place].public_key,
                listed["tbs_cert_list"].dump(),
                listed["signature_algorithm"],
                listed["signature"].native,
            )
        )
        # Several may bear one number: whoever made the file may have added one that is not genuine.
        about: dict[str, list[int]] = {}
        for place, one in enumerate(self._facts):
            if one.issuer_id == issuer:
                about.setdefault(one.serial, []).append(place)
        if not signers or not about:
            return
        content = listed["tbs_cert_list"]
        scope = listed.issuing_distribution_point_value
        extensions = {
            one["extn_id"].native for one in content["crl_extensions"] if one["critical"].native
        }
        yield AnswerFact(
            is_list=True,
            source=source,
            signers=signers,
            signed_with=digest_of(listed["signature_algorithm"]),
            this_update=content["this_update"].native,
            next_update=content["next_update"].native,
            produced_at=content["this_update"].native,
            about=tuple(sorted(place for places in about.values() for place in places)),
            revoked=tuple(_entries(listed, about)),
            is_complete=extensions <= _UNDERSTOOD_OF_LISTS and _is_for_all_reasons(scope),
            only_authorities=_only_authorities(scope),
            points=tuple(point_names(scope["distribution_point"])) if scope else (),
            ended_since=_ended_since(content),
        )

    def _of_response(
        self, response: ocsp.OCSPResponse, source: Source, parents: dict[int, list[int]]
    ) -> Iterable[AnswerFact]:
        if response["response_status"].native != "successful":
            return
        basic = _basic(response)
        content = basic["tbs_response_data"]
        responder = content["responder_id"]
        signers = tuple(
            place
            for place, certificate in enumerate(self.certificates)
            if _is_named(certificate, responder)
            and is_signed_by(
                certificate.public_key,
                content.dump(),
                basic["signature_algorithm"],
                basic["signature"].native,
            )
        )
        if not signers:
            return
        strange = _has_strange_demands(content["response_extensions"])
        for one in content["responses"]:
            about = tuple(self._meant(one["cert_id"], parents))
            if not about:
                continue
            status = one["cert_status"]
            cutoff = one.archive_cutoff_value
            yield AnswerFact(
                is_list=False,
                source=source,
                signers=signers,
                signed_with=digest_of(basic["signature_algorithm"]),
                this_update=one["this_update"].native,
                next_update=one["next_update"].native,
                produced_at=content["produced_at"].native,
                about=about,
                revoked=tuple(_revocations(status, about)),
                is_complete=status.name == "good"
                and not strange
                and not _has_strange_demands(one["single_extensions"]),
                ended_since=cutoff.native if cutoff is not None else None,
            )

    def _meant(self, named: ocsp.CertId, parents: dict[int, list[int]]) -> Iterable[int]:
        digest = named["hash_algorithm"]["algorithm"].native
        serial = f"{named['serial_number'].native:x}"
        for place, fact in enumerate(self._facts):
            if fact.serial != serial:
                continue
            issuer = self.certificates[place].issuer.dump()
            if hashed(digest, issuer) != named["issuer_name_hash"].native:
                continue
            if any(
                hashed(digest, bytes(self.certificates[one].public_key["public_key"]))
                == named["issuer_key_hash"].native
                for one in parents.get(place, ())
            ):
                yield place


def anchors_of(trust: TrustStore) -> tuple[AnchorFact, ...]:
    """Whom a reader trusts, as facts."""
    found = []
    for one in trust.roots:
        fact = certificate_fact(one.certificate)
        found.append(
            AnchorFact(
                fact.subject_id,
                fact.key_id,
                serves=tuple(sorted(one.serves)),
                since=one.since,
                until=one.until,
                name=str(one) if one.is_described else "",
            )
        )
    return tuple(found)


def _basic(response: ocsp.OCSPResponse) -> ocsp.BasicOCSPResponse:
    return response["response_bytes"]["response"].parsed


def _is_named(certificate: x509.Certificate, responder: ocsp.ResponderId) -> bool:
    if responder.name == "by_key":
        key = bytes(certificate.public_key["public_key"])
        return bool(responder.native in (hashed("sha1", key), certificate.key_identifier))
    return name_id(certificate.subject) == name_id(responder.chosen)


def _revocations(status: ocsp.CertStatus, about: Sequence[int]) -> Iterable[RevokedFact]:
    if status.name == "revoked":
        since: datetime = status.chosen["revocation_time"].native
        reason = str(status.chosen["revocation_reason"].native or "unspecified")
        yield from (RevokedFact(one, since, reason) for one in about)


def _entries(
    listed: crl.CertificateList, about: Mapping[str, Sequence[int]]
) -> Iterable[RevokedFact]:
    """National lists have a hundred thousand entries: they are searched without being read."""
    entries = cryptography_x509.load_der_x509_crl(listed.dump())
    for serial, places in about.items():
        entry = entries.get_revoked_certificate_by_serial_number(int(serial, 16))
        if entry is None:
            continue
        reason = _reason(entry)
        if reason is not ReasonFlags.remove_from_crl:
            since = entry.revocation_date_utc
            yield from (RevokedFact(place, since, reason.value) for place in places)


def _reason(entry: cryptography_x509.RevokedCertificate) -> ReasonFlags:
    try:
        return entry.extensions.get_extension_for_class(CRLReason).value.reason
    except (DuplicateExtension, ExtensionNotFound, UnsupportedGeneralNameType, *UNREADABLE):
        return ReasonFlags.unspecified


def _is_for_all_reasons(scope: crl.IssuingDistributionPoint | None) -> bool:
    return scope is None or not (
        scope["only_some_reasons"].native
        or scope["indirect_crl"].native
        or scope["only_contains_attribute_certs"].native
    )


def _only_authorities(scope: crl.IssuingDistributionPoint | None) -> bool | None:
    if scope is None:
        return None
    if scope["only_contains_ca_certs"].native:
        return True
    return False if scope["only_contains_user_certs"].native else None


def _ended_since(content: crl.TbsCertList) -> datetime | None:
    """ISO/IEC 9594-8, expiredCertsOnCRL: since when expired certificates stay on the list."""
    for extension in content["crl_extensions"]:
        if extension["extn_id"].dotted == _EXPIRED_CERTIFICATES_STAY:
            found = core.GeneralizedTime.load(bytes(extension["extn_value"].native)).native
            return found if isinstance(found, datetime) else None
    return None


def _has_strange_demands(extensions: Any) -> bool:
    return any(one["critical"].native for one in extensions)
