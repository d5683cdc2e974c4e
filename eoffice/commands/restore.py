"""`eoffice restore`: a copy becomes an office again, on a machine that is empty."""

from __future__ import annotations

from pathlib import Path

import click

from eoffice.audit import leaf
from eoffice.backup import configured, copies, restoring, state
from eoffice.commands import backup
from eoffice.objects import configured as objects
from eoffice.settings import settings


@click.command("restore")
@click.option("--copy", "copy_id", help="Mã bản sao; mặc định là bản đầy đủ mới nhất.")
@click.option("--from", "place", help="Nơi lưu bản sao, nếu khác EOFFICE_BACKUP_TARGET.")
@click.option("--key", "key_file", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--passphrase-file", type=click.Path(exists=True, path_type=Path))
def command(
    copy_id: str | None, place: str | None, key_file: Path, passphrase_file: Path | None
) -> None:
    """Phục hồi một bản sao vào cơ sở dữ liệu trống và kho tệp trống.

    Bị ngắt giữa chừng thì chạy lại lệnh này để làm tiếp. Mã kết thúc 0: mọi thứ khớp; 1: có lỗi.
    """
    with backup.refusals_told():
        target = configured.backup_settings().opened(place)
        opening = backup.private_key(key_file, passphrase_file)
        verifier = backup.verifier()
        manifest = copies.chosen(target, copy_id, verifier)
        stock = objects.s3()
        stock.prepare()
        found = restoring.restore(
            target,
            manifest,
            restoring.Place(
                url=backup.owner_url(),
                store=stock,
                programs=backup.programs(),
                note=settings().var / state.RESTORE_NOTE,
            ),
            key=opening,
            verifier=verifier,
        )
        backup.record_restored(manifest.id, leaf.instant(manifest.at))
    for step in found.steps:
        click.echo(f"  {step.name}: {step.seconds:.1f} giây")
    for line in (*found.log.lines, *(f"LỖI: {fault}" for fault in found.faults)):
        click.echo(line)
    click.echo(
        f"Đã phục hồi bản sao {manifest.id}: {manifest.objects} tệp, {found.rows} dòng dữ liệu, "
        f"{found.locked} tệp lưu trữ được khóa lại."
    )
    if not found.is_good:
        raise SystemExit(1)
