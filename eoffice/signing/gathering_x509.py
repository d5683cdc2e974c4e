"""Reading one certificate into facts, and checking one signature of an authority.

Nothing is judged here. Damaged certificates make the parser raise one of `UNREADABLE`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from asn1crypto import algos, keys, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator import name_trees
from pyhanko_certvalidator.errors import AlgorithmNotSupported, PSSParameterMismatch
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from eoffice.signing.evidence import WITH_OWN_DIGEST, CertificateFact

UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
_WRONG: Final = (
    InvalidSignature,
    UnsupportedAlgorithm,
    AlgorithmNotSupported,
    PSSParameterMismatch,
    *UNREADABLE,
)
#: Critical extensions whose demands are kept here, or that demand nothing of a reader without
#: policies of its own.
_UNDERSTOOD: Final = frozenset(
    {
        "basic_constraints",
        "key_usage",
        "extended_key_usage",
        "name_constraints",
        "subject_alt_name",
        "issuer_alt_name",
        "certificate_policies",
        "policy_mappings",
        "inhibit_any_policy",
        "crl_distribution_points",
        "authority_information_access",
        "authority_key_identifier",
        "key_identifier",
        "ocsp_no_check",
    }
)
_VALIDATOR = DefaultSignatureValidator()


@lru_cache(maxsize=512)
def certificate_fact(der: bytes) -> CertificateFact:
    """Raises what a parser raises over a damaged certificate."""
    one = x509.Certificate.load(der)
    # What is asked for later must be readable too.
    one["signature_value"].native  # noqa: B018 - parses
    one.name_constraints_value  # noqa: B018 - parses
    constraints = one.basic_constraints_value
    usage, purposes = one.key_usage_value, one.extended_key_usage_value
    kind = one.public_key.algorithm
    policies = one.policy_constraints_value
    strange = {*one.critical_extensions} - _UNDERSTOOD
    if policies is not None and policies["require_explicit_policy"].native is None:
        strange.discard("policy_constraints")
    return CertificateFact(
        sha256=one.sha256.hex(),
        subject=name_in(one.subject),
        issuer=name_in(one.issuer),
        unit=unit_in(one),
        subject_id=name_id(one.subject),
        issuer_id=name_id(one.issuer),
        key_id=hashlib.sha256(one.public_key.dump()).hexdigest()[:32],
        serial=f"{one.serial_number:x}",
        not_before=one.not_valid_before,
        not_after=one.not_valid_after,
        key=_curve(one) if kind == "ec" else kind,
        key_bits=int(one.public_key.bit_size) if kind in ("rsa", "dsa", "ec", "rsassa_pss") else 0,
        signed_with=digest_of(one["signature_algorithm"]),
        is_ca=bool(constraints is not None and constraints["ca"].native),
        path_length=constraints["path_len_constraint"].native if constraints is not None else None,
        usages=tuple(sorted(usage.native)) if usage is not None else None,
        purposes=tuple(purposes.native) if purposes is not None else None,
        strange_demands=tuple(sorted(strange)),
        is_not_checked=one.ocsp_no_check_value is not None,
        points=tuple(
            name
            for point in one.crl_distribution_points_value or ()
            for name in point_names(point["distribution_point"])
        ),
    )


def _curve(certificate: x509.Certificate) -> str:
    form, named = certificate.public_key.curve
    return str(named) if form == "named" else "ec"


def name_in(name: x509.Name) -> str:
    """The common name, or whatever there is."""
    return str(name.native.get("common_name") or name.human_friendly)


def unit_in(certificate: x509.Certificate) -> str:
    """The unit and the organisation, from the smaller to the larger; the holder is not repeated."""
    subject = certificate.subject.native
    parts: list[str] = []
    for key in ("organizational_unit_name", "organization_name"):
        found = subject.get(key) or ()
        parts += [found] if isinstance(found, str) else reversed(found)
    holder = subject.get("common_name")
    return ", ".join(part for part in dict.fromkeys(parts) if part != holder or len(parts) == 1)


def is_signed_by(
    key: keys.PublicKeyInfo,
    data: bytes,
    algorithm: algos.SignedDigestAlgorithm,
    signature: bytes,
) -> bool:
    try:
        _VALIDATOR.validate_signature(signature, data, key, algorithm)
    except _WRONG:
        return False
    return True


def name_id(name: x509.Name) -> str:
    return _hashed_name(name.dump())


@lru_cache(maxsize=1024)
def _hashed_name(der: bytes) -> str:
    """Equal for names that RFC 5280, 7.1, calls equal."""
    return hashlib.sha256(x509.Name.load(der).hashable.encode()).hexdigest()[:32]


def digest_of(algorithm: algos.SignedDigestAlgorithm) -> str:
    """Empty where the scheme has its own."""
    if algorithm["algorithm"].native in WITH_OWN_DIGEST:
        return ""
    try:
        return str(algorithm.hash_algo)
    except UNREADABLE:
        return ""


def hashed(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def allows(constraints: x509.NameConstraints, other: x509.Certificate) -> bool:
    try:
        permitted = name_trees.PermittedSubtrees(name_trees.default_permitted_subtrees())
        if constraints["permitted_subtrees"].native is not None:
            permitted.intersect_with(
                name_trees.process_general_subtrees(constraints["permitted_subtrees"])
            )
        excluded = name_trees.ExcludedSubtrees(name_trees.default_excluded_subtrees())
        if constraints["excluded_subtrees"].native is not None:
            excluded.union_with(
                name_trees.process_general_subtrees(constraints["excluded_subtrees"])
            )
        return bool(permitted.accept_cert(other)) and bool(excluded.accept_cert(other))
    except UNREADABLE:
        return False


def point_names(point: Any) -> Iterable[str]:
    """The names of a distribution point; none where it has none."""
    if point.native is None:
        return
    if point.name != "full_name":
        yield hashlib.sha256(point.chosen.dump()).hexdigest()
        return
    for one in point.chosen:
        is_address = one.name == "uniform_resource_identifier"
        yield str(one.native) if is_address else hashlib.sha256(one.dump()).hexdigest()
