"""A package is the same bytes every time, and whatever was altered in it is named."""

from __future__ import annotations

import io
import zipfile

import pytest

from eoffice.transfers import package
from eoffice.transfers.package import NotAPackage, PackageTooLarge
from tests.transfers import samples


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def faults(members: dict[str, bytes]) -> dict[str, str]:
    return dict(package.opened(package.archive(members)).faults)


def test_the_same_members_make_the_same_file() -> None:
    members = samples.members()
    other_order = dict(reversed(members.items()))
    assert package.archive(members) == package.archive(other_order)
    found = package.opened(package.archive(members))
    assert (found.package_id, dict(found.members), found.faults) == (
        samples.PACKAGE_ID, members, ()
    )  # fmt: skip


@pytest.mark.parametrize("name", [package.DATA, package.README_NAME])
def test_an_altered_file_is_named(name: str) -> None:
    members = samples.members()
    members[name] = members[name] + b" "
    assert faults(members) == {name: f"Tệp “{name}” đã bị thay đổi: mã băm khác với danh mục."}


def test_a_missing_file_is_named() -> None:
    members = samples.members()
    del members[package.DATA]
    assert "Thiếu tệp “data.json”." in faults(members).values()


def test_a_file_that_nobody_listed_is_named() -> None:
    members = samples.members() | {"reports/2020-2021.pdf": b"%PDF-1.7"}
    assert faults(members) == {"reports/2020-2021.pdf": "Có tệp lạ “reports/2020-2021.pdf”."}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/data.json", "reports/x.exe", "a\\b"])
def test_a_name_that_leads_elsewhere_is_a_fault_and_is_not_read(name: str) -> None:
    found = package.opened(zipped(samples.members() | {name: b"x"}))
    assert name not in found.members
    assert found.faults


def test_a_manifest_that_was_written_anew_in_another_way_is_a_fault() -> None:
    members = samples.members()
    members[package.MANIFEST] += b"\n"
    assert package.MANIFEST in faults(members)


def test_what_is_packed_differently_is_a_fault() -> None:
    assert dict(package.opened(zipped(samples.members())).faults) == {
        "": "Cấu trúc của tệp ZIP không phải như khi hồ sơ được lập."
    }


def test_a_bomb_is_refused_before_anything_is_unfolded() -> None:
    bomb = zipped(samples.members() | {"books/2020-2021.json": bytes(30_000_000)}, 8)
    assert len(bomb) < 100_000
    with pytest.raises(NotAPackage):
        package.opened(bomb)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04" + b"x" * 50])
def test_another_file_is_no_package(content: bytes) -> None:
    with pytest.raises(NotAPackage):
        package.opened(content)


def test_another_zip_and_one_with_too_many_members_are_no_packages() -> None:
    with pytest.raises(NotAPackage):
        package.opened(zipped({"a.txt": b"x"}))
    with pytest.raises(NotAPackage):
        package.opened(zipped(samples.members() | {str(n): b"" for n in range(80)}))


def test_a_file_beyond_the_bound_is_refused() -> None:
    with pytest.raises(PackageTooLarge):
        package.opened(bytes(package.LARGEST_BYTES + 1))
