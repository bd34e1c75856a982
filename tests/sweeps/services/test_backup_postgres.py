"""A backup of PostgreSQL, through its own programs."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.processes import ROOT, clean_env
from tests.stack.services import Services

SEED = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from tests.factories import make_cast
from tests.sweeps.talk import running_job
from sweeps.services.artifacts import store_bytes
cast = make_cast()
store_bytes(team=cast.team, data=b"kept")
talk = running_job(cast.team, data={"source": "hub", "id": "a/b"})
talk.permits()
talk.send(*talk.whole_trial(0))
"""


def run(place: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = clean_env(HPWEB_DATA=str(place), HPWEB_DATABASE_URL=database, DJANGO_SETTINGS_MODULE="hpweb.settings")
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.full
@pytest.mark.services
def test_postgresql_is_backed_up_and_restored_into_another_database(tmp_path: Path) -> None:
    target = str(tmp_path / "backup.tar.zst")
    with Services() as services:
        base = services.database_url.removesuffix("/hpweb")
        with psycopg.connect(services.database_url, autocommit=True) as connection:
            connection.execute("create database other")
        old, new = (tmp_path / "old", services.database_url), (tmp_path / "new", f"{base}/other")
        for step in (
            run(*old, "-c", SEED),
            run(*old, "manage.py", "backup", target),
            run(*new, "manage.py", "restore", target, "--check"),
            run(*new, "manage.py", "restore", target),
            run(*new, "manage.py", "audit"),
        ):
            assert step.returncode == 0, step.stderr
        assert step.stdout == "All is well in 1 sweeps and the artifact store.\n"
        assert "is not empty" in run(*new, "manage.py", "restore", target).stderr
        with psycopg.connect(new[1]) as connection:
            assert connection.execute("select count(*) from sweeps_trial").fetchone() == (1,)
            assert "1 other connections" in run(*new, "manage.py", "restore", target, "--force").stderr
        assert run(*new, "manage.py", "restore", target, "--force").returncode == 0
        # Another kind of database.
        assert "of its own kind" in run(tmp_path / "lite", "", "manage.py", "restore", target).stderr
