"""Starting the program's own processes from a test."""

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]


def clean_env(**variables: str) -> dict[str, str]:
    """This process's environment without the tests' own settings, and with `variables`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HPWEB_", "PYTEST_", "DJANGO_SETTINGS_MODULE"))
    }
    return {**kept, "OMP_NUM_THREADS": "1", **variables}


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def temporary_folder(prefix: str) -> Path:
    """A new folder that goes with this process; for what lasts longer than a test."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
