"""The command `eoffice`: what people and scripts type.

On a machine where `scripts/start` has run, the settings come from `var/eoffice.env`, unless the
environment already names a database.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import click
import structlog

from eoffice import clock, db, machine, migrations, relay
from eoffice import worker as workers
from eoffice.archive import verify_command
from eoffice.audit import actions as audit
from eoffice.demo import story
from eoffice.registers import extraction
from eoffice.settings import SettingMissing, settings


@click.group()
def main() -> None:
    """Văn phòng điện tử của ngành giáo dục."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@main.command()
@click.option("--reset", is_flag=True, help="Xóa toàn bộ dữ liệu trên máy này và bắt đầu lại.")
def up(reset: bool) -> None:
    """Chạy cả văn phòng trên máy này (scripts/start)."""
    sys.exit(machine.up(reset=reset))


@main.command()
def serve() -> None:
    """Chạy máy chủ web."""
    _load_environment()
    machine.serve()


@main.command()
@click.option("--beat", is_flag=True, help="Chạy cả lịch việc định kỳ trong tiến trình này.")
@click.option("--concurrency", default=2, show_default=True)
def worker(beat: bool, concurrency: int) -> None:
    """Chạy tiến trình làm các việc nền."""
    _load_environment()
    arguments = ["worker", "--loglevel=WARNING", f"--concurrency={concurrency}"]
    workers.make().worker_main([*arguments, "-B"] if beat else arguments)


@main.command()
def beat() -> None:
    """Chạy lịch việc định kỳ (một tiến trình duy nhất trong cả hệ thống)."""
    _load_environment()
    workers.make().start(["beat", "--loglevel=WARNING"])


@main.command("relay")
def relay_() -> None:
    """Chuyển việc đã hứa từ cơ sở dữ liệu sang hàng đợi."""
    _load_environment()
    relay.run(workers.make())


@main.command()
def migrate() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản mới nhất."""
    _load_environment()
    url = settings().owner_database_url
    if url is None:
        raise SettingMissing("Chưa đặt biến môi trường EOFFICE_OWNER_DATABASE_URL.")
    migrations.upgrade(url)
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")


@main.command()
def doctor() -> None:
    """Kiểm tra từng bộ phận và nói chỗ nào chưa ổn."""
    _load_environment()
    findings = machine.examine()
    for finding in findings:
        click.echo(f"{'✓' if finding.is_well else '✗'} {finding.part}: {finding.says}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


@main.group("audit")
def audit_() -> None:
    """Nhật ký kiểm toán."""


@audit_.command("verify")
def audit_verify() -> None:
    """Tính lại toàn bộ nhật ký và so với các đầu cây đã ký."""
    _load_environment()
    with db.system_transaction() as session:
        report = audit.verify_log(session)
    for line in report.lines:
        click.echo(line)
    sys.exit(0 if report.is_intact else 1)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục chứa chứng thư gốc và khóa công khai của nhật ký.",
)
def verify(paths: tuple[Path, ...], as_json: bool, trust: Path | None) -> None:
    """Kiểm tra tệp PDF đã ký hoặc gói bằng chứng; không cần cơ sở dữ liệu.

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


@main.command()
def demo() -> None:
    """Chơi lại câu chuyện chính qua giao diện HTTP của hệ thống đang chạy, kiểm tra từng việc."""
    _load_environment()
    sys.exit(story.play(machine.demo_access(), settings().base_url))


def _load_environment() -> None:
    """Settings of the machine that `scripts/start` runs, where the environment names none."""
    if "DATABASE_URL" in os.environ:
        return
    file = Path(os.environ.get("EOFFICE_VAR", "var")) / machine.ENVIRONMENT_FILE
    if file.exists():
        os.environ.update(json.loads(file.read_text(encoding="utf-8")))


def run() -> None:
    """The entry point: a missing setting is a sentence, not a traceback."""
    try:
        main()
    except SettingMissing as missing:
        click.echo(str(missing), err=True)
        sys.exit(2)
