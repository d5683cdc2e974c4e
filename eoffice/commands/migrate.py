"""`eoffice migrate`: brings the database to the newest revision."""

from __future__ import annotations

import click

from eoffice import migrations
from eoffice.settings import SettingMissing, settings


@click.command("migrate")
def command() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản mới nhất."""
    url = settings().owner_database_url
    if url is None:
        raise SettingMissing("Chưa đặt biến môi trường EOFFICE_OWNER_DATABASE_URL.")
    migrations.upgrade(url)
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")
