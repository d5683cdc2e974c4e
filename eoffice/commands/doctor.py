"""`eoffice doctor`: tries every part and says which is not well."""

from __future__ import annotations

import sys

import click

from eoffice import examination


@click.command("doctor")
def command() -> None:
    """Kiểm tra từng bộ phận và nói chỗ nào chưa ổn."""
    findings = examination.examine()
    for finding in findings:
        click.echo(f"{_mark(finding)} {finding.part}: {finding.says}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


def _mark(finding: examination.Finding) -> str:
    if not finding.is_well:
        return "✗"
    return "!" if finding.warns else "✓"
