"""The copies that lie in a target, newest last, and what each needs."""

from __future__ import annotations

import hashlib

from eoffice.audit.checkpoint import Verifier
from eoffice.backup import targets
from eoffice.backup.manifest import MOST_BYTES, Manifest, ManifestInvalid
from eoffice.backup.targets import Target
from eoffice.errors import NotFound
from eoffice.objects.sha256 import Sha256

COPIES, DATABASES, LISTS, OBJECTS, DRILLS = "copies", "databases", "lists", "objects", "drills"


class NoCopy(NotFound):
    """There is no such copy, or none at all."""


def object_name(digest: str) -> str:
    return f"{OBJECTS}/{digest[:2]}/{digest}"


def objects(target: Target) -> set[str]:
    """The digests of all objects that any copy brought there."""
    return {name.rpartition("/")[2] for name in target.names(OBJECTS)}


def ids(target: Target) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in target.names(COPIES))


def every(target: Target, verifier: Verifier) -> list[Manifest]:
    """In the order of time. Raises ManifestInvalid."""
    found = [read(target, copy_id, verifier) for copy_id in ids(target)]
    return sorted(found, key=lambda one: (one.at, one.id))


def read(target: Target, copy_id: str, verifier: Verifier) -> Manifest:
    """Raises NoCopy, ManifestInvalid."""
    if "/" in copy_id or copy_id.startswith("."):
        raise NoCopy(f"“{copy_id}” không phải là mã bản sao.")
    note = bytearray()
    try:
        for piece in target.read(f"{COPIES}/{copy_id}"):
            note += piece
            if len(note) > MOST_BYTES:
                raise ManifestInvalid(copy_id, "Tệp quá lớn.")
    except targets.NotInTarget as missing:
        raise NoCopy(f"Không có bản sao {copy_id}.") from missing
    return Manifest.opened(copy_id, bytes(note), verifier)


def chosen(target: Target, copy_id: str | None, verifier: Verifier) -> Manifest:
    """This copy, complete or not; else the newest complete one. Raises NoCopy, ManifestInvalid."""
    if copy_id is not None:
        return read(target, copy_id, verifier)
    for one in reversed(every(target, verifier)):
        if one.is_complete:
            return one
    raise NoCopy("Nơi lưu bản sao chưa có bản nào đầy đủ.")


def listed(target: Target, manifest: Manifest) -> list[str]:
    """The digests of the objects that the copy needs, sorted. Raises ManifestInvalid."""
    digest, text = hashlib.sha256(), bytearray()
    try:
        for piece in target.read(f"{LISTS}/{manifest.id}"):
            digest.update(piece)
            text += piece
    except targets.NotInTarget as missing:
        raise ManifestInvalid(manifest.id, "Thiếu danh mục tệp.") from missing
    if Sha256(digest.hexdigest()) != manifest.list.sha256:
        raise ManifestInvalid(manifest.id, "Danh mục tệp đã bị sửa hoặc hỏng.")
    return text.decode().split()
