"""`eoffice set-up`: what an empty server needs once before anybody can work on it.

Buckets, the key of the log, the department and its first operator. Everything else is entered on
the pages by that operator.
"""

from __future__ import annotations

import sys

import click

from eoffice import clock
from eoffice.alerts import push
from eoffice.audit import log_key
from eoffice.db import system_transaction
from eoffice.errors import Refusal
from eoffice.objects import configured
from eoffice.people import accounts, appointment_actions, person_actions, queries, unit_actions
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.settings import settings

#: Who is on record for what was entered before there was anybody.
SET_UP = "set-up"


@click.command("set-up")
@click.option("--department", prompt="Tên Sở (ví dụ: Sở Giáo dục và Đào tạo Đồng Tháp)")
@click.option("--notation", prompt="Ký hiệu trong số văn bản", default="SGDĐT")
@click.option("--place", prompt="Địa danh trên văn bản (ví dụ: Đồng Tháp)")
@click.option("--operator", prompt="Họ và tên người quản trị")
@click.option("--login", prompt="Tên đăng nhập của người quản trị", default="quantri")
@click.option("--password", prompt="Mật khẩu", hide_input=True, confirmation_prompt=True)
def command(
    department: str, notation: str, place: str, operator: str, login: str, password: str
) -> None:
    """Chuẩn bị máy chủ mới: kho tệp, khóa nhật ký, Sở và người quản trị đầu tiên.

    Chạy lại không thay đổi gì đã có.
    """
    configured.s3().prepare()
    click.echo("✓ Kho tệp đã sẵn sàng.")
    signer = log_key.ensure(settings().log_key_file)
    click.echo(f"✓ Khóa công khai của nhật ký: {signer.verifier}")
    push.ensure_key(settings().var)
    click.echo("✓ Khóa gửi thông báo đến trình duyệt đã sẵn sàng.")
    at = clock.now()
    try:
        with system_transaction() as session:
            if queries.search_units(session, on=None, limit=1):
                click.echo("✓ Đã có đơn vị trong hệ thống; không thay đổi gì.")
                return
            today = clock.civil_date(at)
            unit = unit_actions.create_unit(
                session,
                code="SGDDT",
                name=department,
                kind=UnitKind.DEPARTMENT,
                notation=notation,
                place=place,
                valid_from=today,
                by=SET_UP,
                at=at,
            )
            person = person_actions.create_person(
                session, login=login, full_name=operator, by=SET_UP, at=at
            )
            appointment_actions.appoint(
                session,
                person_id=person,
                unit_id=unit,
                title="Quản trị hệ thống",
                kind=PositionKind.OPERATOR,
                valid_from=today,
                by=SET_UP,
                at=at,
            )
            accounts.set_password(session, person, password, by=SET_UP, at=at)
    except Refusal as refusal:
        click.echo(f"✗ {refusal.detail}", err=True)
        sys.exit(1)
    click.echo(f"✓ Đã tạo {department} và người quản trị {login}. Mời đăng nhập.")
