"""`eoffice verify`: judges files without the office's database."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from eoffice import clock
from eoffice.archive import verify_command
from eoffice.registers import extraction


@click.command("verify")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục chứa chứng thư gốc và khóa công khai của nhật ký.",
)
def command(paths: tuple[Path, ...], as_json: bool, trust: Path | None) -> None:
    """Kiểm tra tệp PDF đã ký, gói bằng chứng hoặc biên nhận; không cần cơ sở dữ liệu.

    Mã thoát: 0 mọi tệp nguyên vẹn; 1 có tệp bị thay đổi hoặc không hợp lệ; 2 có tệp không kiểm tra
    được.
    """
    var = Path(os.environ.get("EOFFICE_VAR", "var"))
    directory = trust or Path(os.environ.get("EOFFICE_TRUST", str(var / "pki" / "trust")))
    text, code = verify_command.verify_paths(
        paths,
        trust_dir=directory,
        at=clock.now(),
        as_json=as_json,
        recheck=extraction.differences,
    )
    click.echo(text)
    sys.exit(code)
