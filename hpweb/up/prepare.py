"""What must be true before the first process starts: folders, database, static files, the local runner's token."""

import fcntl
import hashlib
import os
import socket
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

from runners.models import Runner, hash_token
from runners.protocol.states import SweepState

RUNNER_NAME = "this machine"


def lock_data_folder() -> IO[str]:
    """Take the data folder for this process, as long as the file that is returned stays open."""
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        file = (settings.DATA_DIR / "up.lock").open("a+")
    except OSError as error:
        raise CommandError(
            f"HPWEB_DATA: cannot write to {settings.DATA_DIR} ({error.strerror}). Name a folder that you may write to."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise CommandError(
            f"hpweb already runs here (process {holder}) with the data folder {settings.DATA_DIR}."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_port(host: str, port: int) -> None:
    """CommandError with a sentence when nothing can listen there."""
    if not 1 <= port <= 65535:
        raise CommandError(f"Port {port} does not exist; choose one from 1024 to 65535: make run PORT=8001")
    with socket.socket() as sock:
        # As the server will do it: a port in TIME_WAIT is free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except PermissionError:
            raise CommandError(f"Port {port} needs root; choose one above 1023: make run PORT=8000") from None
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken on {host} ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error


def migrate() -> None:
    """Bring the database to this version's tables."""
    call_command("migrate", interactive=False, verbosity=0)


def first_code() -> str:
    """The code of the set-up page while there is nobody; else empty."""
    from teams.setup import is_needed, setup_code

    return setup_code() if is_needed() else ""


def model_folder() -> Path:
    """Where a person on this machine may lay pretrained models for the local runner."""
    folder: Path = settings.DATA_DIR / "models"
    folder.mkdir(exist_ok=True)
    return folder


def seed_demo() -> bool:
    """On the first start: the demo's team, people, library and sweeps, started. Whether anything was made."""
    from sweeps.models import Sweep
    from sweeps.services.control import start_sweep
    from sweeps.services.demo import seed_demo as seed

    draft = SweepState.DRAFT.value
    if Sweep.objects.exclude(state=draft).exists():
        return False
    demo = seed()
    for sweep in demo.sweeps:
        if sweep.state == draft:
            start_sweep(sweep=sweep, user=demo.owner)
    return True


def collect_static() -> bool:
    """Collect, hash and compress the static files, unless they are as they were the last time. Whether it was needed."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    # The JSON API has no pages of its own, so its framework's styles and scripts serve nobody.
    ignored = ["rest_framework"]
    clear = settings.STATIC_ROOT.exists()
    call_command("collectstatic", interactive=False, clear=clear, ignore_patterns=ignored, verbosity=0)
    stamp.write_text(digest.hexdigest())
    return True


def runner_token_file() -> Path:
    """The file with the local runner's token, mode 0600; the runner is registered when it is not known."""
    file = settings.DATA_DIR / "runner-token"
    if file.exists() and Runner.objects.filter(token_hash=hash_token(file.read_text().strip())).exists():
        return file
    runner = Runner.objects.filter(name=RUNNER_NAME, removed_at=None).first() or Runner(name=RUNNER_NAME)
    token = runner.new_token()
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_text(token)
    runner.save()
    temporary.replace(file)
    return file
