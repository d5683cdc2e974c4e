"""The database as it was at one moment: what it holds, what it names, and a dump of it.

All of it is read in one repeatable-read transaction, whose snapshot `pg_dump` takes over. Objects
are never changed and never overwritten, so whatever a row of the snapshot names is still there
when it is copied later. Reads as the owner of the tables, to whom row-level security does not
apply.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from eoffice.backup.manifest import Sum
from eoffice.errors import Conflict, Unavailable

#: Any constant will do, as long as everything that writes to the target takes the same one.
LOCK: Final = 7_102_019
PIECE_BYTES: Final = 256 * 1024

#: Digests whose bytes are not in the object store by themselves; every other column whose name ends
#: with "sha256" names an object that must be there.
NOT_STORED: Final[Mapping[str, frozenset[str]]] = {
    "idempotency_keys": frozenset({"request_sha256"}),
    # What a key signs: attributes that are built anew.
    "signature_requests": frozenset({"to_be_signed_sha256"}),
    # Embedded in the PDF.
    "gradebooks": frozenset({"data_sha256"}),
    "report_parts": frozenset({"data_sha256"}),
}

#: Tables that name the version of a locked copy in the archive area.
LOCKED: Final = ("renewed_contents", "archive_entries")

Connection = psycopg.Connection[tuple[Any, ...]]


class BackupRunning(Conflict):
    """Another copy is being made or old ones are being removed."""

    def __init__(self) -> None:
        super().__init__("Một lần sao lưu hoặc dọn bản sao khác đang chạy. Hãy đợi lần đó xong.")


class DatabaseProgramFailed(Unavailable):
    """pg_dump or pg_restore did not do its work."""

    def __init__(self, program: str, said: str) -> None:
        super().__init__(f"{program} không làm được: {said}")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where pg_dump and pg_restore are."""

    bin: Path

    def dump(self, url: str, snapshot: str) -> Iterator[bytes]:
        """In pieces. Raises DatabaseProgramFailed, at the latest after the last piece."""
        command = ("--format=custom", "--no-owner", "--no-comments", f"--snapshot={snapshot}")
        with self._running("pg_dump", url, command, stdout=subprocess.PIPE) as running:
            assert running.process.stdout is not None
            while piece := running.process.stdout.read(PIECE_BYTES):
                yield piece
            running.require_success()

    def restore(self, url: str, pieces: Iterable[bytes]) -> None:
        """All or nothing, in one transaction; a failure of `pieces` takes everything back.

        Raises DatabaseProgramFailed.
        """
        command = ("--no-owner", "--single-transaction", "--exit-on-error")
        with self._running("pg_restore", url, command, stdin=subprocess.PIPE) as running:
            assert running.process.stdin is not None
            # A program that ended before explains itself better than a broken pipe does.
            with suppress(BrokenPipeError):
                for piece in pieces:
                    running.process.stdin.write(piece)
                running.process.stdin.close()
            running.require_success()

    @contextmanager
    def _running(
        self,
        name: str,
        url: str,
        arguments: tuple[str, ...],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> Iterator[_Running]:
        """Killed at the end of the block unless it ended by itself."""
        address = make_url(url).set(drivername="postgresql")
        password = address.password
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    (
                        str(self.bin / name),
                        "--no-password",
                        f"--dbname={_without_password(address)}",
                        *arguments,
                    ),
                    stdin=stdin,
                    stdout=stdout,
                    stderr=said,
                    # Not among the arguments, which every account of the machine can see.
                    env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
                )
            except OSError as failure:
                raise DatabaseProgramFailed(name, type(failure).__name__) from failure
            try:
                yield _Running(name, process, said)
            finally:
                process.kill()
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        with suppress(BrokenPipeError):
                            pipe.close()
                process.wait()


@dataclass(frozen=True, slots=True)
class _Running:
    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]

    def require_success(self) -> None:
        if self.process.wait() == 0:
            return
        self.said.seek(0)
        lines = self.said.read(64 * 1024).decode(errors="replace").splitlines()
        # Further lines of a message may hold values of rows.
        errors = [line[:300] for line in lines if "error:" in line.lower()]
        raise DatabaseProgramFailed(
            self.name, " ".join(errors[-2:]) or f"mã kết thúc {self.process.returncode}"
        )


def _without_password(address: URL) -> str:
    bare = URL.create(
        "postgresql",
        username=address.username,
        host=address.host,
        port=address.port,
        database=address.database,
        query=address.query,
    )
    return bare.render_as_string(hide_password=False)


def plain(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def only_one(url: str) -> Iterator[None]:
    """Inside, nobody else copies or removes copies of this office. Raises BackupRunning."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        found = connection.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if found is None or not found[0]:
            raise BackupRunning
        yield


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the database, as long as the transaction is open."""

    connection: Connection
    #: As `pg_dump --snapshot` takes it.
    name: str

    @property
    def revision(self) -> str:
        return str(_value(self.connection, "select version_num from alembic_version"))

    @property
    def log_head(self) -> str:
        """The newest signed head of the log; empty before the first."""
        query = "select note from tree_heads order by size desc limit 1"
        return str(_value(self.connection, query) or "")

    @property
    def server_major(self) -> int:
        return self.connection.info.server_version // 10_000


@contextmanager
def taken(url: str) -> Iterator[Snapshot]:
    with psycopg.connect(plain(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        yield Snapshot(connection, str(_value(connection, "select pg_export_snapshot()")))


def tables(connection: Connection) -> list[str]:
    """The tables of the office, without those of extensions."""
    found = connection.execute(
        "select relname from pg_class c where relkind in ('r', 'p') and not relispartition"
        " and relnamespace = 'public'::regnamespace and not exists (select from pg_depend d"
        "  where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')"
        " order by relname"
    )
    return [str(row[0]) for row in found]


def sums(connection: Connection) -> dict[str, Sum]:
    """Of every table. Comparable between servers of one major version."""
    connection.execute("set local timezone = 'UTC'")
    connection.execute("set local extra_float_digits = 1")
    connection.execute("set local datestyle = 'ISO, YMD'")
    connection.execute("set local bytea_output = 'hex'")
    found = {}
    for table in tables(connection):
        row = connection.execute(
            sql.SQL(
                "select count(*), coalesce(bit_xor(hashtextextended(t::text, 0)), 0) from {} t"
            ).format(sql.Identifier(table))
        ).fetchone()
        assert row is not None
        found[table] = Sum(int(row[0]), int(row[1]))
    return found


def required(connection: Connection) -> Iterator[str]:
    """The digest of each object that a row names; some more than once."""
    for table, column in _digest_columns(connection):
        if column not in NOT_STORED.get(table, frozenset()):
            query = sql.SQL("select distinct {0} from {1} where {0} ~ '^[0-9a-f]{{64}}$'").format(
                sql.Identifier(column), sql.Identifier(table)
            )
            yield from _streamed(connection, query)


def mentioned(connection: Connection) -> Iterator[str]:
    """Whatever in any text of any row looks like a digest; some more than once.

    What a manifest or a state in JSON names is found here, also in columns that are added later:
    what of it is in the store is copied, what is not may never have been there.
    """
    for table, columns in _text_columns(connection).items():
        query = sql.SQL(
            "select distinct found[1] from {} t, regexp_matches(concat_ws(' ', {}),"
            " '(?<![0-9a-f])([0-9a-f]{{64}})(?![0-9a-f])', 'g') found"
        ).format(
            sql.Identifier(table),
            sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns
            ),
        )
        yield from _streamed(connection, query)


def locked(connection: Connection) -> dict[str, str]:
    """Each archived object with a version of its locked copy."""
    found: dict[str, str] = {}
    for table in LOCKED:
        query = sql.SQL("select content_sha256, object_version from {}").format(
            sql.Identifier(table)
        )
        if table in tables(connection):
            found |= {str(name): str(version) for name, version in connection.execute(query)}
    return found


def _streamed(connection: Connection, query: sql.Composed) -> Iterator[str]:
    with connection.cursor(name="digests") as cursor:
        cursor.itersize = 10_000
        for row in cursor.execute(query):
            yield str(row[0])


def _digest_columns(connection: Connection) -> list[tuple[str, str]]:
    found = connection.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and data_type = 'text' and column_name like '%sha256'"
        " order by 1, 2"
    )
    mine = set(tables(connection))
    return [(str(table), str(column)) for table, column in found.fetchall() if table in mine]


def _text_columns(connection: Connection) -> dict[str, list[str]]:
    found = connection.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and is_generated = 'NEVER'"
        " and (data_type in ('text', 'json', 'jsonb') or udt_name = '_text') order by 1, 2"
    )
    mine = set(tables(connection))
    columns: dict[str, list[str]] = {}
    for table, column in found.fetchall():
        if table in mine:
            columns.setdefault(str(table), []).append(str(column))
    return columns


def _value(connection: Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]
