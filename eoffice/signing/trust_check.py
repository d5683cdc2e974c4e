"""What an operator should know of the office's roots and rules, before somebody signs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from eoffice.clock import vietnam_time
from eoffice.signing.evidence import Purpose
from eoffice.signing.gathering_x509 import certificate_fact
from eoffice.signing.policy import Policy, Strength, Use
from eoffice.signing.trust import FILE, Anchor, TrustStore

_PURPOSES: Final = {Purpose.SIGNATURE: "chữ ký", Purpose.TIMESTAMP: "dấu thời gian"}


def lines(store: TrustStore, at: datetime) -> Iterable[str]:
    """One paragraph for each root, in the order of their names."""
    for one in sorted(store.roots, key=lambda each: (each.world or "", each.name)):
        fact = certificate_fact(one.certificate)
        serves = ", ".join(_PURPOSES[each] for each in sorted(one.serves))
        believed = any(one.vouches(each, at) for each in Purpose)
        yield "\n".join(
            (
                f"{'✓' if believed else '✗'} {one}",
                f"  dùng cho: {serves}",
                f"  tin cậy: {_span(one)}",
                f"  chứng thư đến ngày {_day(fact.not_after)}",
                f"  SHA-256: {hashlib.sha256(one.certificate).hexdigest()}",
            )
        )


def problems(store: TrustStore, policy: Policy, at: datetime) -> tuple[str, ...]:
    """What is wrong or left open, as whole sentences; none where all is well."""
    return (
        *missing(store, at),
        *(said for one in store.roots for said in _of_root(one, policy, at)),
    )


def missing(store: TrustStore, at: datetime) -> tuple[str, ...]:
    """What nobody vouches for today: it can be neither signed nor verified."""
    return tuple(
        f"Không có chứng thư gốc nào đang được tin cậy cho {name}."
        for purpose, name in _PURPOSES.items()
        if not store.for_purpose(purpose, at).roots
    )


def _of_root(one: Anchor, policy: Policy, at: datetime) -> Iterable[str]:
    fact = certificate_fact(one.certificate)
    if not one.is_described:
        yield (
            f"{FILE} chưa nói gì về “{one.name}”, nên nó được tin cho cả chữ ký và dấu thời gian, "
            "không thời hạn."
        )
    if not fact.is_ca:
        yield f"“{one.name}” không phải là chứng thư của cơ quan chứng thực."
    if at > fact.not_after:
        yield f"Chứng thư “{one.name}” đã hết hạn ngày {_day(fact.not_after)}."
    if policy.standing(fact.key, fact.key_bits, use=Use.CERTIFICATE, at=at) is not (
        Strength.STRONG
    ):
        yield f"Khóa của “{one.name}” đã yếu theo chính sách ký số."


def _span(one: Anchor) -> str:
    parts = []
    if one.valid_from is not None:
        parts.append(f"từ ngày {_written(one.valid_from)}")
    if one.valid_until is not None:
        parts.append(f"đến ngày {_written(one.valid_until)}")
    if one.distrusted_from is not None:
        parts.append(f"thôi tin từ ngày {_written(one.distrusted_from)}")
    return ", ".join(parts) or "không thời hạn"


def _day(at: datetime) -> str:
    return f"{vietnam_time(at):%d/%m/%Y}"


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
