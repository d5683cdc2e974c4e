"""Passwords: which ones are good enough, and how they are kept.

Long and not guessable, nothing about capitals or signs (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5,
6.2). Kept as Argon2id with the parameters of argon2-cffi (RFC 9106, low memory: 64 MiB).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from eoffice.errors import Invalid
from eoffice.people.common_words import COMMON_WORDS

SHORTEST: Final = 12
#: A bound on work, not on safety.
LONGEST: Final = 256
#: How many former passwords are remembered besides the present one.
REMEMBERED: Final = 3

_HASHER: Final = PasswordHasher()
#: Verified when there is no such login, so that the answer takes as long as for a wrong password.
_NOBODY: Final = _HASHER.hash("this is nobody's password")
_ROWS: Final = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class PasswordWeak(Invalid):
    """The password is too short or too easy to guess."""


class PasswordReused(Invalid):
    """The password is the present one or was used before."""


def check(password: str, *, login: str, full_name: str) -> None:
    """Raises PasswordWeak with a sentence that says what to do instead."""
    text = _normalised(password)
    if len(text) < SHORTEST:
        raise _weak(
            f"Mật khẩu cần ít nhất {SHORTEST} ký tự. Một câu ngắn dễ nhớ là tốt nhất, "
            "có dấu cách và dấu tiếng Việt cũng được."
        )
    if len(text) > LONGEST:
        raise _weak(f"Mật khẩu dài nhất {LONGEST} ký tự.")
    plain = fold(text)
    names = [fold(login), fold(full_name).replace(" ", "")]
    squeezed = plain.replace(" ", "")
    if any(len(name) >= 4 and name in squeezed for name in names):
        raise _weak("Mật khẩu không được chứa tên đăng nhập hoặc họ tên của chính mình.")
    if _is_guessable(squeezed):
        raise _weak(
            "Mật khẩu này quá dễ đoán: từ thông dụng hoặc dãy phím lặp lại. "
            "Hãy ghép vài từ không liên quan đến nhau."
        )


def check_not_reused(password: str, hashes: Sequence[str]) -> None:
    """Raises PasswordReused when the password fits one of the hashes."""
    if any(verify(kept, password) for kept in hashes):
        raise PasswordReused(
            "Mật khẩu này đã dùng trước đây. Hãy chọn mật khẩu khác.",
            fields={"new_password": "Mật khẩu này đã dùng trước đây."},
        )


def hash_of(password: str) -> str:
    """Takes some ten milliseconds and 64 MiB on purpose."""
    return _HASHER.hash(_normalised(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether the password fits; takes as long where there is no hash to compare with."""
    try:
        _HASHER.verify(_NOBODY if kept is None else kept, _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def fold(text: str) -> str:
    """Without marks and capitals, as `vn_fold` in the database."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _normalised(password: str) -> str:
    """The same however a keyboard composes the letters (NIST: NFKC before hashing)."""
    return unicodedata.normalize("NFKC", password)


def _is_guessable(text: str) -> bool:
    if len(set(text)) < 4 or re.fullmatch(r"(.{1,6})\1+.{0,5}", text):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    unmasked = core.translate(str.maketrans("@4301$57!", "aaeoissti"))
    letters = re.sub(r"[\W_]", "", unmasked)
    return letters in COMMON_WORDS or len(_without_rows(text)) < 4


def _without_rows(text: str) -> str:
    """What is left when runs of four or more neighbouring keys, digits or letters are taken out."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), 3, -1):
            for start in range(len(row) - size + 1):
                text = text.replace(row[start : start + size], "")
    return text


def _weak(sentence: str) -> PasswordWeak:
    return PasswordWeak(sentence, fields={"new_password": sentence})
