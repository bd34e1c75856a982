"""`manage.py runner_token`."""

import io
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from runners.models import Runner, hash_token
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def make(*arguments: str) -> str:
    out = io.StringIO()
    call_command("runner_token", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_the_token_is_printed_once_and_kept_as_a_hash(db: None) -> None:
    token = make("box")
    runner = Runner.objects.get(name="box")
    assert (token[:4], runner.token_hash) == ("hpr_", hash_token(token))
    assert token not in str(vars(runner))


def test_again_it_replaces_the_token_of_the_same_runner(db: None) -> None:
    old, new = make("box"), make("box")
    assert old != new
    assert Runner.objects.get().token_hash == hash_token(new)


def test_into_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    file.chmod(0o644)
    assert make("box", "--file", str(file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Runner.objects.get().token_hash == hash_token(file.read_text().strip())


def test_a_file_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    token = make("box")
    with pytest.raises(CommandError, match="--file: can't write"):
        make("box", "--file", str(tmp_path / "no" / "token"))
    assert Runner.objects.get().token_hash == hash_token(token)


def test_teams(cast: Cast) -> None:
    make("box", "--team", cast.team.public_id)
    assert list(Runner.objects.get().teams.all()) == [cast.team]
    with pytest.raises(CommandError, match="there is no team nowhere"):
        make("other", "--team", "nowhere")
    assert Runner.objects.count() == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_bad_name_is_refused(db: None, name: str) -> None:
    with pytest.raises(CommandError, match="name"):
        make(name)
