"""`eoffice audit verify`: computes the whole log anew and compares it with its signed heads."""

from __future__ import annotations

import sys

import click

from eoffice import db
from eoffice.audit import actions as audit


@click.group("audit")
def command() -> None:
    """Nhật ký kiểm toán."""


@command.command("verify")
def verify() -> None:
    """Tính lại toàn bộ nhật ký và so với các đầu cây đã ký."""
    with db.system_transaction() as session:
        report = audit.verify_log(session)
    for line in report.lines:
        click.echo(line)
    sys.exit(0 if report.is_intact else 1)
