"""`eoffice backup`: copies of the whole office, what they hold, and whether they can be restored.

Run by a timer on the office's machine; the private key that opens copies is needed by `drill` only,
which may run elsewhere.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit import actions as audit
from eoffice.audit import log_key
from eoffice.audit.checkpoint import CheckpointInvalid, Verifier
from eoffice.backup import (
    configured,
    copies,
    drilling,
    keys,
    making,
    pruning,
    restoring,
    snapshot,
    state,
)
from eoffice.backup.making import Outcome
from eoffice.backup.manifest import Manifest
from eoffice.backup.snapshot import Programs
from eoffice.backup.state import State
from eoffice.backup.targets import Target
from eoffice.embedded import postgres, services, store
from eoffice.embedded.failures import EmbeddedFailure
from eoffice.errors import Refusal
from eoffice.objects import configured as objects
from eoffice.objects.s3 import S3Store
from eoffice.settings import SettingMissing, settings

#: The object of events about copies: there is one office.
OFFICE = UUID(int=0)
BY = "backup"


@click.group("backup", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Kết quả cho chương trình khác đọc.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Sao lưu toàn bộ: cơ sở dữ liệu và mọi tệp của cùng một thời điểm, đã mã hóa.

    Mã kết thúc 0: bản sao đầy đủ; 1: không đầy đủ hoặc không làm được.
    """
    if context.invoked_subcommand is None:
        with refusals_told():
            _make(as_json=as_json)


@command.command("key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--no-passphrase", is_flag=True, help="Tệp khóa không có mật khẩu.")
def key(file: Path, no_passphrase: bool) -> None:
    """Tạo cặp khóa: khóa giải mã vào FILE, khóa công khai in ra màn hình."""
    passphrase = (
        None
        if no_passphrase
        else click.prompt("Mật khẩu của khóa giải mã", hide_input=True, confirmation_prompt=True)
    )
    made = X25519PrivateKey.generate()
    try:
        keys.write(file, keys.file_text(made, passphrase))
    except FileExistsError:
        click.echo(f"✗ Tệp {file} đã có, không ghi đè.", err=True)
        sys.exit(1)
    click.echo(f"EOFFICE_BACKUP_RECIPIENTS={keys.public_text(made.public_key())}")
    click.echo(
        f"Hãy chuyển {file} sang nơi khác, giữ hai bản ở hai nơi: không có khóa này thì không ai "
        "đọc được bản sao.",
        err=True,
    )


@command.command("list")
def listing() -> None:
    """Liệt kê các bản sao."""
    with refusals_told():
        for one in copies.every(configured.backup_settings().opened(), verifier()):
            click.echo(_line(one))


@command.command("prune")
def prune() -> None:
    """Bỏ bản sao cũ theo EOFFICE_BACKUP_KEEP, và các tệp không bản nào còn cần."""
    with refusals_told():
        chosen = configured.backup_settings()
        with snapshot.only_one(owner_url()):
            found = pruning.prune(chosen.opened(), chosen.keep, verifier())
        _record("backup.pruned", copies=len(found.removed), objects=found.objects)
    click.echo(
        f"Giữ {len(found.kept)} bản sao, bỏ {len(found.removed)} bản cũ, {found.unfinished} lần "
        f"sao lưu dở dang và {found.objects} tệp."
    )


@command.command("state")
def told() -> None:
    """Bản sao và lần phục hồi thử gần nhất; mã kết thúc 1 khi đã quá hạn."""
    with refusals_told():
        chosen = configured.backup_settings()
        found = State.read(settings().var)
        complaints = found.complaints(
            clock.now(), copy_within=chosen.copy_within, drill_within=chosen.drill_within
        )
    click.echo("; ".join([found.says(), *complaints]))
    sys.exit(1 if complaints else 0)


@command.command("drill")
@click.option("--copy", "copy_id", help="Mã bản sao; mặc định là bản đầy đủ mới nhất.")
@click.option("--key", "key_file", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--passphrase-file", type=click.Path(exists=True, path_type=Path))
@click.option("--space", type=click.Path(file_okay=False, path_type=Path), help="Thư mục tạm.")
@click.option("--json", "as_json", is_flag=True, help="Kết quả cho chương trình khác đọc.")
def drill(
    copy_id: str | None,
    key_file: Path,
    passphrase_file: Path | None,
    space: Path | None,
    as_json: bool,
) -> None:
    """Phục hồi thử vào cơ sở dữ liệu và kho tệp tạm, đối chiếu tất cả, rồi xóa đi.

    Mã kết thúc 0: phục hồi được; 1: có lỗi.
    """
    with refusals_told():
        target = configured.backup_settings().opened()
        opening = private_key(key_file, passphrase_file)
        manifest = copies.chosen(target, copy_id, verifier())
        with _aside(space) as place:
            report = drilling.drill(
                target, manifest, place, key=opening, verifier=verifier(), at=clock.now()
            )
        _remember(target)
    if as_json:
        click.echo(json.dumps(report.described, ensure_ascii=False, indent=1))
    else:
        for line in report.lines:
            click.echo(line)
    sys.exit(0 if report.passed else 1)


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refusal is a sentence and the exit code 1."""
    try:
        yield
    except (Refusal, EmbeddedFailure) as refusal:
        said = refusal.detail if isinstance(refusal, Refusal) else str(refusal)
        click.echo(f"✗ {said}", err=True)
        sys.exit(1)


def owner_url() -> str:
    url = settings().owner_database_url
    if url is None:
        raise SettingMissing("Chưa đặt biến môi trường EOFFICE_OWNER_DATABASE_URL.")
    return url


def programs() -> Programs:
    return Programs(postgres.installation().bin)


def verifier() -> Verifier:
    """The public key of the office's log: published among the trust anchors, else the key itself.

    Raises SettingMissing where there is neither.
    """
    try:
        published = log_key.published(settings().trust_directory)
    except CheckpointInvalid as failure:
        raise SettingMissing(str(failure)) from failure
    return published or log_key.of_settings().verifier


def private_key(file: Path, passphrase_file: Path | None) -> X25519PrivateKey:
    """Asks for the passphrase where there is one and no file has it."""
    text = file.read_text(encoding="utf-8")
    if passphrase_file is not None:
        return keys.parse_file(text, passphrase_file.read_text(encoding="utf-8").rstrip("\n"))
    try:
        return keys.parse_file(text, None)
    except keys.PassphraseNeeded:
        return keys.parse_file(text, click.prompt("Mật khẩu của khóa giải mã", hide_input=True))


def _make(*, as_json: bool) -> None:
    chosen = configured.backup_settings()
    target, recipients, at = chosen.opened(), chosen.for_whom(), clock.now()
    outcome = making.make(
        making.Office(owner_url(), objects.s3(), programs()),
        target,
        recipients=recipients,
        signer=log_key.of_settings(),
        at=at,
        on=clock.civil_date(at),
    )
    _remember(target)
    made = outcome.manifest
    _record(
        "backup.made",
        copy=made.id,
        objects=made.objects,
        missing=made.missing_count + len(outcome.only_here),
    )
    click.echo(json.dumps(_described(outcome), indent=1) if as_json else _said(outcome))
    sys.exit(0 if outcome.is_good else 1)


def _described(outcome: Outcome) -> dict[str, object]:
    made = outcome.manifest
    return {
        "copy": made.id,
        "complete": made.is_complete,
        "objects": made.objects,
        "objects_bytes": made.objects_bytes,
        "copied": outcome.copied,
        "copied_bytes": outcome.copied_bytes,
        "database_bytes": made.database.size_bytes,
        "missing": [str(one) for one in made.missing],
        "missing_count": made.missing_count,
        "only_in_backup": list(outcome.only_here),
    }


def _said(outcome: Outcome) -> str:
    made = outcome.manifest
    said = [
        f"Bản sao {made.id}: cơ sở dữ liệu {made.database.size_bytes / 2**20:.1f} MiB, "
        f"{made.objects} tệp, trong đó {outcome.copied} tệp mới "
        f"({outcome.copied_bytes / 2**20:.1f} MiB)."
    ]
    said += [f"THIẾU ở kho nguồn: {one}" for one in made.missing]
    said += [f"Kho nguồn đã mất, bản sao còn giữ: {one}" for one in outcome.only_here]
    said.append(
        "Bản sao đầy đủ."
        if made.is_complete
        else f"Bản sao KHÔNG đầy đủ: thiếu {made.missing_count} tệp."
    )
    return "\n".join(said)


def _line(one: Manifest) -> str:
    at = clock.vietnam_time(one.at)
    whole = "đầy đủ" if one.is_complete else f"THIẾU {one.missing_count} tệp"
    return f"{one.id}  {at:%d/%m/%Y %H:%M}  {one.objects} tệp  {whole}"


def _remember(target: Target) -> None:
    """What `eoffice doctor` says on this machine, taken from what lies in the target."""
    complete = [one.at for one in copies.every(target, verifier()) if one.is_complete]
    State(max(complete, default=None), drilling.last_passed(target)).write(settings().var)


def _record(action: str, **details: object) -> None:
    """On record in the log, as the owner: the machine that copies needs no other role."""
    engine = create_engine(owner_url(), poolclass=NullPool, hide_parameters=True)
    try:
        with Session(engine) as session, session.begin():
            audit.record(
                session,
                action,
                object_kind="office",
                object_id=OFFICE,
                by=BY,
                at=clock.now(),
                details=details,
            )
    finally:
        engine.dispose()


@contextmanager
def _aside(space: Path | None) -> Iterator[restoring.Place]:
    """An empty database and an empty store of our own, thrown away afterwards."""
    if space is not None:
        space.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="eoffice-drill-", dir=space) as name:
        directory = Path(name)
        # The account of the database server passes through; what is below is private again.
        directory.chmod(0o711)
        with (
            services.scratch_postgres(directory) as server,
            services.scratch_store(directory) as running,
        ):
            stock = S3Store(
                endpoint=running.endpoint,
                access_key=running.access_key,
                secret_key=running.secret_key,
                region=store.REGION,
                content_bucket="eoffice-content",
                archive_bucket="eoffice-archive",
            )
            stock.prepare()
            yield restoring.Place(
                url=server.databases().owner_url,
                store=stock,
                programs=programs(),
                note=directory / state.RESTORE_NOTE,
            )


def record_restored(copy_id: str, at: str) -> None:
    """The restored log goes on with the fact that it was restored."""
    _record("backup.restored", copy=copy_id, copy_at=at)
