"""What standing and integrity mean for a verdict, in the words of ETSI and of the office."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from eoffice.signing.chains import Standing
from eoffice.signing.integrity import State
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    TimestampVerdict,
)


@dataclass(frozen=True, slots=True)
class Conclusion:
    verdict: Finding
    reason: str
    indication: Indication


_Judged = TypeVar("_Judged", SignatureVerdict, TimestampVerdict)


def concluded(judged: _Judged, conclusion: Conclusion | None) -> _Judged:
    if conclusion is None:
        return judged
    return replace(
        judged,
        verdict=conclusion.verdict,
        reason=conclusion.reason,
        indication=conclusion.indication,
    )


WRONG = {
    State.BYTES_CHANGED: Conclusion(
        Finding.CHANGED, "Nội dung tệp không còn là nội dung đã ký.", Indication.HASH_FAILURE
    ),
    State.REVISED: Conclusion(
        Finding.CHANGED,
        "Tệp bị sửa sau khi ký theo cách mà chữ ký không cho phép.",
        Indication.CONSTRAINTS_FAILURE,
    ),
    State.BROKEN: Conclusion(
        Finding.INVALID,
        "Giá trị chữ ký không đúng với chứng thư số kèm theo.",
        Indication.SIGNATURE_FAILURE,
    ),
}

BROKEN_STAMP = Conclusion(
    Finding.INVALID, "Dấu thời gian gắn với chữ ký bị hỏng.", Indication.SIGNATURE_FAILURE
)


def conclusion(
    standing: Standing, *, is_time_proven: bool, of_stamp: bool = False
) -> Conclusion | None:
    """What a certificate's standing means for what it signed; None where it was good.

    A certificate that was over or revoked at a proven time could not sign; without a proof the
    signature may be older than that, and nothing can be said.
    """
    whose = "của cơ quan cấp dấu thời gian" if of_stamp else "của người ký"
    match standing:
        case Standing.GOOD:
            return None
        case Standing.UNKNOWN_ISSUER:
            said = f"Chứng thư số {whose} không do cơ quan chứng thực được tin cậy cấp."
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.NO_CHAIN)
        case Standing.BROKEN_CHAIN:
            said = f"Chuỗi chứng thư số {whose} không hợp lệ."
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.CHAIN_FAILURE)
        case Standing.NO_REVOCATION_DATA:
            said = f"Chưa có dữ liệu cho biết chứng thư số {whose} có bị thu hồi hay không."
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.TRY_LATER)
        case Standing.WEAK_ALGORITHM:
            said = "Thuật toán mật mã của chữ ký đã yếu nên không còn đủ để chứng minh."
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.WEAK_ALGORITHM)
        case Standing.WRONG_PURPOSE:
            said = f"Chứng thư số {whose} không dùng để làm việc này."
            return Conclusion(Finding.INVALID, said, Indication.CONSTRAINTS_FAILURE)
        case Standing.EXPIRED | Standing.NOT_YET_VALID | Standing.REVOKED if is_time_proven:
            said, indication = _COULD_NOT_SIGN[standing]
            return Conclusion(Finding.INVALID, said, indication)
        case Standing.REVOKED:
            said = (
                f"Chứng thư số {whose} đã bị thu hồi và không có gì chứng minh "
                "chữ ký được tạo trước đó."
            )
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.REVOKED_NO_PROOF)
        case Standing.EXPIRED | Standing.NOT_YET_VALID:
            said = (
                f"Chứng thư số {whose} không còn hoặc chưa có hiệu lực và không có gì chứng minh "
                "chữ ký được tạo trong thời hạn."
            )
            return Conclusion(Finding.UNVERIFIABLE, said, Indication.OUT_OF_BOUNDS)


_COULD_NOT_SIGN = {
    Standing.EXPIRED: (
        "Chứng thư số của người ký đã hết hạn khi ký.",
        Indication.EXPIRED,
    ),
    Standing.NOT_YET_VALID: (
        "Chứng thư số của người ký chưa có hiệu lực khi ký.",
        Indication.NOT_YET_VALID,
    ),
    Standing.REVOKED: (
        "Chứng thư số của người ký đã bị thu hồi trước khi ký.",
        Indication.REVOKED,
    ),
}


def unreadable_signature(field: str) -> SignatureVerdict:
    return SignatureVerdict(
        field=field,
        signer="",
        capacity="",
        unit="",
        verdict=Finding.INVALID,
        reason="Chữ ký bị hỏng hoặc có dạng không được hỗ trợ.",
        indication=Indication.FORMAT_FAILURE,
        level=Level.NOT_PADES,
        signed_at=None,
        time_source=TimeSource.NONE,
        covers_whole_file=False,
    )


def unreadable_timestamp(field: str) -> TimestampVerdict:
    return TimestampVerdict(
        field=field,
        authority="",
        verdict=Finding.INVALID,
        reason="Dấu thời gian bị hỏng.",
        indication=Indication.FORMAT_FAILURE,
        stamped_at=None,
        covers_whole_file=False,
    )
