"""A password is long and not guessable; which signs it is made of does not matter."""

from __future__ import annotations

import unicodedata

import pytest

from eoffice.people import passwords
from eoffice.people.passwords import PasswordReused, PasswordWeak


@pytest.mark.parametrize(
    "password",
    [
        "sen hồng Tháp Mười 1985",
        "con đò nhỏ qua sông",
        "correct horse battery staple",
        "xuồng ghe kênh rạch",
        "t8#Kq!z0Vw2m",
    ],
)
def test_long_and_unusual_passwords_are_accepted(password: str) -> None:
    passwords.check(password, login="tranthanhliem", full_name="Trần Thanh Liêm")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "ít nhất 12 ký tự"),
        ("mười một k.", "ít nhất 12 ký tự"),
        ("x" * 300, "dài nhất 256 ký tự"),
        ("Tran Thanh Liem 2018", "họ tên"),
        ("Trần Thanh Liêm!!!!", "họ tên"),
        ("gd.liem và mọi người", "tên đăng nhập"),
        ("aaaaaaaaaaaa", "dễ đoán"),
        ("abcabcabcabc", "dễ đoán"),
        ("123456789012", "dễ đoán"),
        ("987654321098", "dễ đoán"),
        ("qwertyuiop12", "dễ đoán"),
        ("Matkhau@123456", "dễ đoán"),
        ("M@tkh4u123456", "dễ đoán"),
        ("Password!2018", "dễ đoán"),
        ("P@$$w0rd123456", "dễ đoán"),
        ("Đồng Tháp 2018", "dễ đoán"),
        ("sogiaoduc2018", "dễ đoán"),
        ("Vietnam@12345", "dễ đoán"),
    ],
)
def test_passwords_that_others_would_try_are_refused(password: str, why: str) -> None:
    with pytest.raises(PasswordWeak, match=why) as refused:
        passwords.check(password, login="gd.liem", full_name="Trần Thanh Liêm")

    assert "new_password" in refused.value.fields


def test_a_login_of_three_letters_may_occur_in_a_password() -> None:
    passwords.check("an cư lạc nghiệp", login="an", full_name="An")


def test_a_password_fits_its_hash_however_its_letters_are_composed() -> None:
    kept = passwords.hash_of(unicodedata.normalize("NFC", "sen hồng Tháp Mười"))

    assert passwords.verify(kept, unicodedata.normalize("NFD", "sen hồng Tháp Mười"))
    assert not passwords.verify(kept, "sen hong Thap Muoi")


def test_nothing_fits_where_there_is_no_hash() -> None:
    assert not passwords.verify(None, "this is nobody's password")
    assert not passwords.verify("not a hash", "anything")


def test_two_hashes_of_one_password_differ_and_are_of_today() -> None:
    first, second = passwords.hash_of("con đò nhỏ"), passwords.hash_of("con đò nhỏ")

    assert first != second
    assert first.startswith("$argon2id$")
    assert not passwords.is_outdated(first)


def test_a_former_password_is_refused() -> None:
    former = passwords.hash_of("con đò nhỏ qua sông")

    passwords.check_not_reused("một câu khác hẳn", [former])
    with pytest.raises(PasswordReused):
        passwords.check_not_reused("con đò nhỏ qua sông", [former])


def test_folding_takes_marks_and_capitals_away() -> None:
    assert passwords.fold("ĐẶNG THỊ Ỷ LAN") == "dang thi y lan"
