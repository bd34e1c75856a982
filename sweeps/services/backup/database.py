"""The database as one file: taken while others write, and put back.

SQLite: its online backup, in one read transaction. PostgreSQL: pg_dump and pg_restore, which must be on PATH.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection, connections, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from sweeps.models import Artifact
from sweeps.services.backup.manifest import Engine
from sweeps.services.backup.problems import Refused

ARTIFACTS: Final = "select sha256, max(size) from sweeps_artifact group by sha256"
MIGRATIONS: Final = "select app, name from django_migrations order by id"


@dataclass(frozen=True)
class Snapshot:
    """`path`: the database's file. `artifacts`: hash → bytes of the files that it names, and no later ones."""

    path: Path
    artifacts: dict[str, int]
    migrations: tuple[str, ...]


def engine() -> Engine:
    return "postgresql" if connection.vendor == "postgresql" else "sqlite"


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """The database of this moment as a file in the folder. Nobody who reads or writes it has to wait."""
    path = folder / "database"
    if engine() == "sqlite":
        yield _sqlite(path)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("select pg_export_snapshot()")
        name = cursor.fetchone()[0]
        _postgres("pg_dump", "--format=custom", f"--snapshot={name}", f"--file={path}")
        cursor.execute(MIGRATIONS)
        migrations = tuple(f"{app}.{name}" for app, name in cursor.fetchall())
        artifacts = dict(Artifact.objects.values_list("sha256", "size"))
    yield Snapshot(path, artifacts, migrations)


def _sqlite(path: Path) -> Snapshot:
    with (
        closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=60)) as source,
        closing(sqlite3.connect(path)) as copy,
    ):
        source.backup(copy)
        # Its own journal would be a second file.
        copy.execute("pragma journal_mode=delete")
        artifacts = dict(copy.execute(ARTIFACTS).fetchall())
        migrations = tuple(f"{app}.{name}" for app, name in copy.execute(MIGRATIONS).fetchall())
    return Snapshot(path, artifacts, migrations)


def check_database(path: Path) -> None:
    """Refused when the file is no whole database of this server's kind."""
    if engine() == "postgresql":
        _run(_program("pg_restore"), ["--list", str(path)], {})
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            found = database.execute("pragma quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise Refused(f"The backup's database is damaged ({found}). Take another backup.")


def known_migrations() -> set[str]:
    """Those of this version of hpweb."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}


def has_rows() -> bool:
    """Whether this server's database holds anybody's work: a database that was only migrated does not."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in ("teams_user", "teams_team", "sweeps_sweep", "runners_runner"):
            if table in tables:
                cursor.execute(f"select 1 from {table} limit 1")  # noqa: S608  one of four names
                if cursor.fetchone():
                    return True
    return False


def others() -> int:
    """How many other connections the database has, where it can say so."""
    if engine() != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def load(path: Path) -> None:
    """Make the file, which was checked, this server's database. Whatever was there is gone."""
    if engine() == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("drop schema public cascade")
            cursor.execute("create schema public")
        connections.close_all()
        _postgres("pg_restore", "--single-transaction", "--exit-on-error", file=path)
        return
    connections.close_all()
    target = Path(str(connection.settings_dict["NAME"]))
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.restored")
    shutil.copyfile(path, beside)
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    beside.replace(target)


def applied() -> bool:
    """Whether the database has the table of migrations: it is one of hpweb's."""
    return MigrationRecorder(connection).has_table()


def _postgres(program: str, *options: str, file: Path | None = None) -> None:
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    *reach, name = arguments[1:]
    plain = ["--no-owner", "--no-privileges", *options]
    rest = [name] if file is None else [f"--dbname={name}", str(file)]
    _run(_program(program), [*reach, *plain, *rest], environment or {})


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Refused(
            f"{name} is not on PATH, and the database is PostgreSQL. Install its client programs (postgresql-client)."
        )
    return found


def _run(program: str, arguments: list[str], environment: dict[str, Any]) -> None:
    done = subprocess.run(  # noqa: S603  the program and its options are ours
        [program, *arguments], check=False, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()
        raise Refused(f"{Path(program).name} failed: {why[0] if why else f'exit code {done.returncode}'}")
