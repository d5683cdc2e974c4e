"""What a witness does with a head that it is shown: compares, remembers, co-signs. No database.

An accusation needs two heads that the log itself signed and that cannot both be true; they are
kept as evidence. What does not arrive, or is not signed by the log, accuses nobody.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import httpx

from eoffice.audit import checkpoint, merkle
from eoffice.audit.checkpoint import CheckpointInvalid, Cosigned, Verifier
from eoffice.audit.cosignature import WitnessSigner
from eoffice.audit.tiles import Tile, TilesBroken, TileTree
from eoffice.clock import vietnam_time

TIMEOUT_S: Final = 30.0
LARGEST_BYTES: Final = 64 * 1024


class Unreachable(Exception):
    """The log was not reached; nothing follows from that. A Vietnamese sentence."""


class Finding(StrEnum):
    FIRST = "first"
    GREW = "grew"
    UNCHANGED = "unchanged"
    #: Fewer events than the log swore to before.
    ROLLED_BACK = "rolled_back"
    #: Two roots for one number of events.
    FORKED = "forked"
    #: The new head does not begin with the events of the old one.
    REWRITTEN = "rewritten"
    #: The tiles are not those of the head: edited in the database, or damaged on the way.
    TILES_BROKEN = "tiles_broken"


#: What is found without anything being wrong.
GOOD: Final = frozenset({Finding.FIRST, Finding.GREW, Finding.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Judgement:
    finding: Finding
    #: Whole sentences.
    said: str

    @property
    def is_good(self) -> bool:
        return self.finding in GOOD


class Source(Protocol):
    """Where a log is read: an office or any mirror of it."""

    def get(self, path: str) -> bytes:
        """Raises Unreachable."""


@dataclass(frozen=True, slots=True)
class Address:
    """A log over HTTP."""

    url: str

    def get(self, path: str) -> bytes:
        try:
            answer = httpx.get(
                f"{self.url.rstrip('/')}/{path}",
                timeout=TIMEOUT_S,
                headers={"Cache-Control": "no-cache"},
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise Unreachable(f"Không kết nối được với {self.url}.") from failure
        if answer.status_code != httpx.codes.OK:
            raise Unreachable(f"{self.url} không trả lời đúng (HTTP {answer.status_code}).")
        return answer.content

    def send(self, note: str) -> None:
        """Give the co-signed head back. Raises Unreachable, with the office's own words."""
        try:
            office = self.url.rstrip("/").removesuffix("/log")
            answer = httpx.post(
                f"{office}/api/v1/log/cosignatures", content=note.encode(), timeout=TIMEOUT_S
            )
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise Unreachable(f"Không kết nối được với {self.url}.") from failure
        if answer.status_code != httpx.codes.NO_CONTENT:
            raise Unreachable(f"Văn phòng không nhận (HTTP {answer.status_code}).")


def shown(source: Source, verifier: Verifier) -> Cosigned:
    """The head that the log shows now. Raises Unreachable, CheckpointInvalid."""
    raw = source.get("checkpoint")
    try:
        return checkpoint.cosigned(raw[:LARGEST_BYTES].decode(), verifier)
    except UnicodeDecodeError as failure:
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.") from failure


def judge(source: Source, new: Cosigned, old: Cosigned | None, *, everything: bool) -> Judgement:
    """Hold a head against the one that is remembered, by the tiles of the log.

    `everything` reads every tile again; otherwise those that the comparison needs.
    Raises Unreachable.
    """
    head = new.head
    if old is not None and head.size < old.head.size:
        return Judgement(
            Finding.ROLLED_BACK,
            f"Nhật ký BỊ LÙI: {_told(old)}, nay chỉ còn {_told(new)}. Có sự kiện đã bị xóa, hoặc"
            " máy chủ được phục hồi từ bản cũ, hoặc bản sao trung gian đã cũ.",
        )
    if old is not None and head.size == old.head.size and head.root != old.head.root:
        return Judgement(
            Finding.FORKED,
            f"Nhật ký BỊ RẼ NHÁNH: {head.size} sự kiện nhưng có hai gốc khác nhau, cả hai đều do"
            f" nhật ký ký ({_told(old)}; {_told(new)}).",
        )
    try:
        tree = TileTree(head.size, head.root, lambda tile: _read(source, tile))
        began = None if old is None else merkle.root(old.head.size, tree.node)
        if everything:
            tree.check_all()
    except TilesBroken as broken:
        return Judgement(
            Finding.TILES_BROKEN,
            f"Dữ liệu công bố KHÔNG KHỚP với đầu cây đã ký ({broken}): mã băm trong cơ sở dữ liệu"
            " đã bị sửa, hoặc bị hỏng trên đường truyền.",
        )
    if old is None:
        return Judgement(Finding.FIRST, f"Lần đầu làm chứng: ghi nhớ {_told(new)}.")
    if began != old.head.root:
        return Judgement(
            Finding.REWRITTEN,
            f"LỊCH SỬ BỊ SỬA: {old.head.size} sự kiện đầu của đầu cây mới không phải là những sự"
            f" kiện mà nhật ký đã ký trước đây ({_told(old)}; {_told(new)}).",
        )
    if head.size == old.head.size:
        return Judgement(Finding.UNCHANGED, f"Không có gì mới: vẫn {_told(new)}.")
    return Judgement(
        Finding.GREW,
        f"Nhật ký chỉ được ghi thêm {head.size - old.head.size} sự kiện: {_told(new)}.",
    )


def remembered(file: Path, verifier: Verifier) -> Cosigned | None:
    """What the witness saw last; None before the first time.

    Raises CheckpointInvalid: a damaged memory must not pass for a first time.
    """
    if not file.exists():
        return None
    try:
        return checkpoint.cosigned(file.read_text(encoding="utf-8"), verifier)
    except (CheckpointInvalid, UnicodeDecodeError) as failure:
        raise CheckpointInvalid(
            f"Tệp ghi nhớ {file} không đọc được hoặc thuộc nhật ký khác. Hãy lấy lại bản sao của"
            " tệp; chỉ xóa tệp khi thật sự muốn làm chứng lại từ đầu."
        ) from failure


def cosigned(new: Cosigned, signer: WitnessSigner, at: datetime) -> str:
    """The head with the log's signature and this witness's."""
    return f"{new.note}{signer.cosign(new.body, at)}\n"


def write(file: Path, text: str) -> None:
    """Replace a file whole, so that a crash leaves the old or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.new")
    with half.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    half.replace(file)


def _read(source: Source, tile: Tile) -> bytes:
    return source.get(tile.path)


def _told(one: Cosigned) -> str:
    return f"{one.head.size} sự kiện, ký lúc {vietnam_time(one.head.at):%H:%M:%S ngày %d/%m/%Y}"
