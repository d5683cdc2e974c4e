"""`eoffice worker`: keeps what the outbox promised."""

from __future__ import annotations

import click

from eoffice import worker


@click.command("worker")
@click.option("--beat", is_flag=True, help="Chạy cả lịch việc định kỳ trong tiến trình này.")
@click.option("--concurrency", default=2, show_default=True, envvar="EOFFICE_WORKERS")
def command(beat: bool, concurrency: int) -> None:
    """Chạy tiến trình làm các việc nền."""
    arguments = ["worker", "--loglevel=WARNING", f"--concurrency={concurrency}"]
    worker.make().worker_main([*arguments, "-B"] if beat else arguments)
