"""Tables, sessions and the one way to open a transaction.

One request, task or command is one transaction, opened in its edge with `transaction()` or
`system_transaction()` and nowhere else; actions receive the session and never commit. The web
process connects with a role to which row-level security applies, and each transaction says for
whom it runs; where nobody is named, the protected tables look empty. Worker, relay and command
line connect with a role that passes row-level security.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import CheckConstraint, DateTime, Engine, MetaData, Text, TypeDecorator, Uuid
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from eoffice.errors import Held
from eoffice.settings import SettingMissing, settings

#: By which the database says that a record is held (revision 0028).
HELD = "EO001"


class Base(DeclarativeBase):
    """The tables of all slices; each slice declares its own in its `model.py`."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text(),
        UUID: Uuid(),
    }


def new_id() -> UUID:
    """A fresh identifier (UUID version 7): later ones sort behind earlier ones."""
    return uuid_utils.compat.uuid7()


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum kept as its text; pair it with `enum_check` in the table's arguments.

    Text with a check instead of a PostgreSQL enum, because a new state is then an ordinary
    migration that can run in a transaction.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def enum_check(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The constraint that a text column holds only members of `kind`."""
    members = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({members})", name=column)


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a transaction runs: the person, the unit in which they act, and its agency."""

    person_id: UUID
    unit_id: UUID
    agency_id: UUID


def create_engine(url: str, *, pool_size: int = 5) -> Engine:
    """An engine whose connections wait ten seconds at most for a lock and are tested before use."""
    return sqlalchemy_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=True,
        pool_timeout=15,
        # Values of a failed statement would stand in logs: names, marks, secrets.
        hide_parameters=True,
        # Compiling a plan takes longer than any query of an office; servers do it unless told.
        connect_args={
            "options": "-c lock_timeout=10s -c timezone=UTC -c jit=off",
            "connect_timeout": 10,
        },
    )


@contextmanager
def transaction(acting: Acting | None) -> Iterator[Session]:
    """One transaction of the web process on behalf of `acting`; commits at the end of the block.

    Without `acting` nothing that row-level security protects can be seen. An exception rolls
    everything back, numbers and promises included. A change of what is held raises Held.
    """
    make = _sessions(settings().database_url, settings().web_threads)
    with _holds_kept(), make() as session, session.begin():
        act_for(session, acting)
        yield session


@contextmanager
def system_transaction(*, as_of_one_moment: bool = False) -> Iterator[Session]:
    """One transaction of a process of the office itself: worker, relay, command line.

    `as_of_one_moment` sees nothing of what others commit meanwhile, for long readings.
    """
    url = settings().worker_database_url
    if url is None:
        raise SettingMissing("Chưa đặt biến môi trường EOFFICE_WORKER_DATABASE_URL.")
    with _holds_kept(), _sessions(url, 5)() as session, session.begin():
        if as_of_one_moment:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def _holds_kept() -> Iterator[None]:
    """Say in words what the database refuses, wherever in the transaction that happens."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != HELD:
            raise
        raise Held(error.orig.diag.message_primary) from error  # type: ignore[union-attr]


def act_for(session: Session, acting: Acting | None) -> None:
    """Tell row-level security for whom the rest of the running transaction is.

    `set_config(…, true)` ends with the transaction, so a pooled connection keeps nothing.
    """
    values = (
        ("", "", "")
        if acting is None
        else (str(acting.person_id), str(acting.unit_id), str(acting.agency_id))
    )
    session.connection().exec_driver_sql(
        "select set_config('app.person', %s, true), set_config('app.unit', %s, true),"
        " set_config('app.agency', %s, true)",
        values,
    )


def tell_today(session: Session, on: date) -> None:
    """Tell the policies and conditions of the running transaction the office's civil date.

    The server's own date is no use: the office has a clock of its own.
    """
    session.connection().exec_driver_sql(
        "select set_config('app.today', %s, true)", (on.isoformat(),)
    )


def close_engines() -> None:
    """Close every pooled connection of this process; the next transaction opens new ones."""
    for engine in _engines:
        engine.dispose()
    _engines.clear()
    _sessions.cache_clear()


_engines: list[Engine] = []


@cache
def _sessions(url: str, pool_size: int) -> sessionmaker[Session]:
    engine = create_engine(url, pool_size=pool_size)
    _engines.append(engine)
    return sessionmaker(engine, expire_on_commit=False)
