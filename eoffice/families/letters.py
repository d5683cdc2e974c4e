"""The letter with which a family gets its link and code, as it is written. Pure."""

from __future__ import annotations

from email.message import EmailMessage
from uuid import UUID, uuid5

from eoffice import mailing
from eoffice.families.rules import Slip


def letter(to: str, slip: Slip, *, link: str, code: str, key: UUID) -> EmailMessage:
    """No result stands in it: mail is read by more eyes than the page is.

    `key` and the address make the Message-ID, so that a letter sent twice is one.
    """
    text = (
        f"Kính gửi gia đình em {slip.pupil},\n\n"
        f"{slip.school} gửi kết quả {slip.period} năm học {slip.school_year} của em, lớp "
        f"{slip.class_name}.\n\n"
        f"Mở trang riêng của em:\n{link}\n\n"
        f"Mã mở trang: {code}\n\n"
        "Chỉ gia đình em có liên kết và mã này. Xin đừng chuyển tiếp thư. Nếu có điều cần hỏi, xin "
        f"liên hệ giáo viên chủ nhiệm {slip.homeroom_teacher}. Thư được gửi tự động, xin không trả "
        "lời.\n"
    )
    subject = f"Kết quả {slip.period} của em {slip.pupil}"
    return mailing.letter(to, subject, text, key=uuid5(key, to), sender=slip.school)
