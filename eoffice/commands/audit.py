"""`eoffice audit verify`: computes the whole log anew and compares it with its signed heads."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from eoffice import clock, db
from eoffice.audit import actions as audit
from eoffice.audit import checkpoint, log_key
from eoffice.audit.checkpoint import CheckpointInvalid
from eoffice.audit.cosignature import Witness
from eoffice.errors import Refusal
from eoffice.settings import settings
from eoffice.transparency import actions as transparency
from eoffice.transparency import witnessing

#: Below EOFFICE_VAR: the newest head that `verify` found to be right, outside of the database.
MEMORY = "log-head.txt"


@click.group("audit")
def command() -> None:
    """Nhật ký kiểm toán."""


@command.command("verify")
@click.option(
    "--witness",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Tệp ghi nhớ của một nhân chứng; so nhật ký với đầu cây trong đó.",
)
@click.option(
    "--memory",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tệp ghi nhớ đầu cây đúng lần trước; mặc định trong EOFFICE_VAR.",
)
def verify(heads: tuple[Path, ...], memory: Path | None) -> None:
    """Tính lại toàn bộ nhật ký và so với các đầu cây đã ký và đã ghi nhớ bên ngoài."""
    verifier = log_key.of_settings().verifier
    own = memory or settings().var / MEMORY
    try:
        kept = [witnessing.remembered(file, verifier) for file in (own, *heads)]
    except CheckpointInvalid as invalid:
        click.echo(str(invalid), err=True)
        sys.exit(2)
    with db.system_transaction(as_of_one_moment=True) as session:
        report = audit.verify_log(
            session, verifier=verifier, remembered=[one.head for one in kept if one is not None]
        )
    for line in report.lines:
        click.echo(line)
    if report.is_intact and report.newest_note is not None:
        checkpoint.opened(report.newest_note, verifier)
        witnessing.write(own, report.newest_note)
    sys.exit(0 if report.is_intact else 1)


@command.command("register-witness")
@click.argument("key")
def register(key: str) -> None:
    """Nhận chữ ký của nhân chứng có khóa công khai KEY (dòng chữ mà eoffice witness in ra)."""
    try:
        witness = Witness.parse(key)
        with db.system_transaction() as session:
            transparency.register(session, witness, at=clock.now())
    except (CheckpointInvalid, Refusal) as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)
    click.echo(f"Đã đăng ký nhân chứng {witness.name}.")


@command.command("retire-witness")
@click.argument("name")
def retire(name: str) -> None:
    """Thôi nhận chữ ký của nhân chứng NAME; những gì đã ký vẫn giữ."""
    try:
        with db.system_transaction() as session:
            transparency.retire(session, name, at=clock.now())
    except Refusal as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)
    click.echo(f"Đã thôi nhận chữ ký của nhân chứng {name}.")
