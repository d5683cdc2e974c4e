"""What standing and integrity mean for a verdict, in the words of ETSI and of the office."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeVar

from eoffice.signing.evidence import Alteration, Standing, State, Trouble
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    TimestampVerdict,
    Verdict,
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


def revocation_in_words(
    standing: Standing, *, was_asked: bool, said: str = "", is_kept: bool = False
) -> str:
    """What is known about the revocation of a signer's certificate, and who says so and when.

    `said` names the answer where there is one; `is_kept`: it was given before, and kept.
    """
    named = f" ({said})" if said else ""
    match standing:
        case Standing.GOOD | Standing.WEAK_ALGORITHM if is_kept:
            return (
                "Trả lời trước đây của cơ quan chứng thực, lưu ở máy này, cho biết chứng thư số "
                f"không bị thu hồi lúc ký{named}."
            )
        case Standing.GOOD | Standing.WEAK_ALGORITHM if was_asked:
            return (
                "Cơ quan chứng thực trả lời khi kiểm tra: chứng thư số không bị thu hồi lúc ký"
                f"{named}."
            )
        case Standing.GOOD:
            return f"Dữ liệu thu hồi có sẵn cho biết chứng thư số không bị thu hồi lúc ký{named}."
        case Standing.REVOKED:
            return f"Chứng thư số đã bị thu hồi {said}".rstrip() + "."
        case Standing.NO_REVOCATION_DATA if was_asked:
            return "Đã hỏi nhưng cơ quan chứng thực không trả lời về việc thu hồi."
        case Standing.NO_REVOCATION_DATA:
            return "Tệp không kèm dữ liệu thu hồi, và lần kiểm tra này không hỏi qua mạng."
        case Standing.UNKNOWN_ISSUER:
            return "Không xét được vì không rõ cơ quan cấp chứng thư số."
        case _:
            return "Không xét vì chứng thư số đã không dùng được vì lý do khác."


OLD_CHAIN: Final = (
    "Chuỗi chứng thư số của người ký là chuỗi cũ, dùng thuật toán mật mã nay đã yếu nhưng còn được "
    "chấp nhận lúc ký; điều đó không có nghĩa là chữ ký giả."
)

#: Why a time-stamp over a signature does not say when it was made.
STAMP_FAULTS: Final = {
    Standing.UNKNOWN_ISSUER: "cơ quan cấp không nằm trong danh sách được tin cậy",
    Standing.BROKEN_CHAIN: "chuỗi chứng thư số của cơ quan cấp không hợp lệ",
    Standing.EXPIRED: "chứng thư số của cơ quan cấp đã hết hạn",
    Standing.NOT_YET_VALID: "thời gian ghi trong đó không thể đúng",
    Standing.REVOKED: "chứng thư số của cơ quan cấp đã bị thu hồi",
    Standing.NO_REVOCATION_DATA: "chưa rõ chứng thư số của cơ quan cấp có bị thu hồi hay không",
    Standing.WRONG_PURPOSE: "chứng thư số của nơi cấp không dùng để cấp dấu thời gian",
    Standing.WEAK_ALGORITHM: "nó dùng thuật toán đã yếu",
}


#: What is said about a file of which there is nothing more to say.
TROUBLES: Final = {
    Trouble.NOT_A_PDF: Verdict(
        Finding.UNVERIFIABLE, "Tệp không phải là tệp PDF đọc được, hoặc đã hỏng."
    ),
    Trouble.ENCRYPTED: Verdict(
        Finding.UNVERIFIABLE, "Tệp PDF có mật khẩu nên không kiểm tra được."
    ),
    Trouble.UNREADABLE_SIGNATURES: Verdict(
        Finding.UNVERIFIABLE, "Tệp PDF hỏng nên không đọc được các chữ ký trong tệp."
    ),
    Trouble.DAMAGED_SINCE: Verdict(
        Finding.CHANGED,
        "Tệp đã bị sửa hoặc hỏng sau khi ký, đến mức không đọc được các chữ ký nữa.",
    ),
}

ALTERATIONS: Final = {
    Alteration.STRIPPED: "Tệp từng có chữ ký số nhưng chữ ký đã bị gỡ khỏi tệp.",
    Alteration.AMBIGUOUS: (
        "Cấu trúc tệp bị hỏng: các chương trình đọc sẽ hiểu tệp theo cách khác nhau."
    ),
    Alteration.HYBRID: (
        "Tệp có hai bảng chỉ mục nói khác nhau: các chương trình đọc sẽ hiểu tệp theo cách khác "
        "nhau."
    ),
    Alteration.FOREIGN_BYTES: "Tệp có dữ liệu lạ được nối thêm sau chữ ký cuối cùng.",
    Alteration.HIDDEN_OBJECTS: "Tệp có nội dung ẩn được nối thêm sau chữ ký cuối cùng.",
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
