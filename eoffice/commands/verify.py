"""`eoffice verify`: judges files without the office's database."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from eoffice import clock
from eoffice.archive import verification_report, verify_command
from eoffice.registers import extraction


@click.command("verify")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục chứa chứng thư gốc và khóa công khai của nhật ký.",
)
@click.option(
    "--pdf",
    "report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Ghi thêm báo cáo kiểm tra thành tệp PDF này.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Hồ sơ bằng chứng (RFC 4998) của tệp PDF; chỉ dùng với một tệp.",
)
def command(
    paths: tuple[Path, ...],
    as_json: bool,
    trust: Path | None,
    report: Path | None,
    record: Path | None,
) -> None:
    """Kiểm tra tệp PDF hoặc XML đã ký, gói bằng chứng hoặc biên nhận; không cần cơ sở dữ liệu.

    Mã thoát: 0 mọi tệp nguyên vẹn; 1 có tệp bị thay đổi hoặc không hợp lệ; 2 có tệp không kiểm tra
    được.
    """
    if record is not None and len(paths) != 1:
        raise click.UsageError("--record chỉ dùng với đúng một tệp.")
    var = Path(os.environ.get("EOFFICE_VAR", "var"))
    directory = trust or Path(os.environ.get("EOFFICE_TRUST", str(var / "pki" / "trust")))
    at = clock.now()
    found = verify_command.results(
        paths,
        trust_dir=directory,
        at=at,
        recheck=extraction.differences,
        record=None if record is None else record.read_bytes(),
    )
    if report is not None:
        report.write_bytes(_report(found, at))
    click.echo(found.json if as_json else found.text)
    sys.exit(found.exit_code)


def _report(found: verify_command.Result, at: datetime) -> bytes:
    subjects = [verification_report.subject(path, one) for path, one in found.pairs]
    return verification_report.pdf(subjects, at=at)
