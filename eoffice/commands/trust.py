"""`eoffice trust`: whom this office trusts, and whether that is in order."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from eoffice import clock
from eoffice.signing import policy, trust_check
from eoffice.signing.trust import TrustStore, TrustUnreadable


@click.group("trust")
def command() -> None:
    """Chứng thư gốc mà cơ quan tin cậy; không cần cơ sở dữ liệu."""


_DIRECTORY = click.option(
    "--trust",
    "named",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục chứa chứng thư gốc; mặc định là EOFFICE_TRUST.",
)


@command.command("list")
@_DIRECTORY
def list_roots(named: Path | None) -> None:
    """Liệt kê các chứng thư gốc: tên, hệ thống, dùng cho việc gì, đến khi nào."""
    for paragraph in trust_check.lines(_store(named), clock.now()):
        click.echo(paragraph)


@command.command("check")
@_DIRECTORY
def check(named: Path | None) -> None:
    """Kiểm tra thư mục chứng thư gốc và chính sách ký số.

    Mã thoát: 0 không có gì phải sửa; 1 có điều cần xem lại; 2 không đọc được.
    """
    store = _store(named)
    try:
        rules = policy.current()
    except policy.PolicyUnreadable as failure:
        _unreadable(str(failure))
    found = trust_check.problems(store, rules, clock.now())
    for said in found:
        click.echo(f"✗ {said}")
    if not found:
        click.echo(f"✓ {len(store.roots)} chứng thư gốc, chính sách “{rules.name}”.")
    sys.exit(1 if found else 0)


def _store(named: Path | None) -> TrustStore:
    var = Path(os.environ.get("EOFFICE_VAR", "var"))
    directory = named or Path(os.environ.get("EOFFICE_TRUST", str(var / "pki" / "trust")))
    try:
        return TrustStore.from_directory(directory)
    except TrustUnreadable as failure:
        _unreadable(str(failure))


def _unreadable(said: str) -> NoReturn:
    click.echo(f"✗ {said}", err=True)
    sys.exit(2)
