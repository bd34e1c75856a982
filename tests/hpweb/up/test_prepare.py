"""What stands in the way of a start is said in one sentence."""

import os
import socket
import stat
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.management import CommandError, call_command

from hpweb.up import prepare
from runners.models import Runner, hash_token


def test_a_taken_port_is_named_with_the_mend() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is taken .* make run PORT={port + 1}"):
            prepare.check_port("127.0.0.1", port)
    prepare.check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(CommandError, match=f"Port {port} does not exist"):
        prepare.check_port("127.0.0.1", port)


def test_one_hpweb_a_data_folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path
    with (
        prepare.lock_data_folder(),
        pytest.raises(CommandError, match=rf"already runs here \(process {os.getpid()}\) with the data folder"),
    ):
        prepare.lock_data_folder()
    prepare.lock_data_folder().close()


def test_the_production_profile_is_not_for_up(settings: LazySettings) -> None:
    settings.TASKS_URL = "redis://localhost/1"
    with pytest.raises(CommandError, match="HPWEB_TASKS_URL is set"):
        call_command("up")


@pytest.mark.django_db
def test_the_runners_token_is_kept_and_replaced_when_it_is_not_known(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path
    file = prepare.runner_token_file()
    token = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Runner.objects.get().token_hash == hash_token(token)
    assert prepare.runner_token_file().read_text() == token
    file.write_text("hpr_something_else")
    assert prepare.runner_token_file().read_text() not in {token, "hpr_something_else"}
    assert Runner.objects.count() == 1


def test_static_files_are_collected_once(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a { color: red }")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    # Finders are cached by name; a new one reads the folder named above.
    for module in ("hpweb.up.prepare", "django.contrib.staticfiles.management.commands.collectstatic"):
        monkeypatch.setattr(f"{module}.get_finders", lambda: [FileSystemFinder()])
    assert prepare.collect_static() is True
    assert (tmp_path / "collected" / "a.css").read_text() == "a { color: red }"
    assert prepare.collect_static() is False
    (source / "a.css").write_text("a { color: blue }")
    assert prepare.collect_static() is True
    assert (tmp_path / "collected" / "a.css").read_text() == "a { color: blue }"
