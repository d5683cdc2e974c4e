"""The database's history: `upgrade()` brings it to the newest revision."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def config(owner_url: str) -> Config:
    """Alembic's configuration for the database that `owner_url` opens."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["url"] = owner_url
    return made


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring the database to a revision. Idempotent; two at once wait for each other."""
    command.upgrade(config(owner_url), revision)


def newest() -> str | None:
    """The revision that a database has after `upgrade()`."""
    return ScriptDirectory.from_config(config("")).get_current_head()


def check(owner_url: str) -> None:
    """Raise alembic.util.CommandError where models and migrated tables differ."""
    command.check(config(owner_url))
