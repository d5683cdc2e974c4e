"""`eoffice witness`: another machine remembers and co-signs the heads of a log."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice import clock
from eoffice.audit.checkpoint import CheckpointInvalid, Verifier
from eoffice.audit.cosignature import WitnessSigner
from eoffice.transparency import witnessing
from eoffice.transparency.witnessing import Address, Unreachable

ACCUSES, MISUSED, UNREACHED = 1, 2, 3


@click.command("witness")
@click.argument("address")
@click.option(
    "--log-key",
    "log_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Khóa công khai của nhật ký (log.pub), nhận trực tiếp từ văn phòng.",
)
@click.option(
    "--memory",
    default="witness-head.txt",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp ghi nhớ đầu cây đã thấy lần trước.",
)
@click.option(
    "--key",
    "key_file",
    default="witness-key.pem",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Khóa của nhân chứng; tự tạo ở lần chạy đầu.",
)
@click.option("--name", default="nhan-chung", help="Tên của nhân chứng trong chữ ký.")
@click.option("--all", "everything", is_flag=True, help="Đọc lại toàn bộ mã băm của nhật ký.")
@click.option("--no-send", is_flag=True, help="Không gửi chữ ký về văn phòng.")
def command(
    address: str,
    log_file: Path,
    memory: Path,
    key_file: Path,
    name: str,
    everything: bool,
    no_send: bool,
) -> None:
    """Làm chứng cho nhật ký ở ADDRESS, ví dụ https://vanphong.example.edu.vn/log.

    Mã thoát: 0 nhật ký chỉ được ghi thêm; 1 nhật ký bị lùi, rẽ nhánh hoặc sửa; 2 khóa, tệp hoặc
    địa chỉ không phải của nhật ký này; 3 chưa kết nối được, chưa kết luận gì.
    """
    try:
        verifier = Verifier.parse(log_file.read_text(encoding="utf-8"))
        signer = WitnessSigner(name, _key(key_file))
        old = witnessing.remembered(memory, verifier)
        source = Address(address)
        new = witnessing.shown(source, verifier)
        found = witnessing.judge(source, new, old, everything=everything)
    except (CheckpointInvalid, ValueError) as wrong:
        click.echo(f"Không kiểm tra được: {wrong}", err=True)
        sys.exit(MISUSED)
    except Unreachable as away:
        click.echo(f"{away} Chưa kết luận gì; đầu cây đã nhớ vẫn giữ nguyên.", err=True)
        sys.exit(UNREACHED)
    click.echo(found.said)
    if not found.is_good:
        evidence = memory.with_name(f"{memory.name}.evidence-{clock.now():%Y%m%dT%H%M%SZ}")
        witnessing.write(evidence, f"{old.note if old else ''}\n{new.note}")
        click.echo(
            f"Hai đầu cây đã được giữ làm bằng chứng trong {evidence}. Hãy báo ngay cho lãnh đạo"
            " văn phòng và cơ quan thanh tra; nhân chứng không ký đầu cây mới.",
            err=True,
        )
        sys.exit(ACCUSES)
    note = witnessing.cosigned(new, signer, clock.now())
    # Remembered first: what was signed must never be forgotten.
    witnessing.write(memory, note)
    click.echo(f"Đã ký và ghi nhớ vào {memory}.")
    if no_send:
        return
    try:
        source.send(note)
        click.echo("Văn phòng đã nhận chữ ký của nhân chứng.")
    except Unreachable as away:
        click.echo(f"Chưa gửi được chữ ký: {away} Khóa của nhân chứng: {signer.public}", err=True)


def _key(file: Path) -> Ed25519PrivateKey:
    """The key in the file, made where there is none. Raises CheckpointInvalid, ValueError."""
    if not file.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(pem)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CheckpointInvalid(f"Tệp {file} không phải là khóa Ed25519.")
    return key
