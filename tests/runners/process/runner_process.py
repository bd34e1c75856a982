"""The runner as a process of its own, with fake children."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.runners.process.cases import wait_for
from tests.runners.process.fake_server import TOKEN

_PROGRAM = """
import sys
from runners.process.__main__ import main
code = main("tests.runners.process.fake_child:main", bare=True)
# kombu looks for django.utils by itself where Django is installed; nothing may load its settings.
heavy = {"django.conf", "torch", "transformers", "pyarrow", "optuna", "numpy"} & set(sys.modules)
if heavy:
    sys.exit(f"the supervisor has imported {sorted(heavy)}")
sys.exit(code)
"""


class RunnerProcess:
    def __init__(self, url: str, home: Path, **environment: str) -> None:
        self.home, self.log = Path(home), Path(home).with_suffix(".log")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HPWEB_")},
            "HPWEB_SERVER": url,
            "HPWEB_RUNNER_TOKEN": TOKEN,
            "HPWEB_RUNNER_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "hpweb.settings",  # as `manage.py up` leaves it: nobody may heed it
            **environment,
        }
        self.program = _PROGRAM
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def popen(self) -> subprocess.Popen[bytes]:
        assert self._popen is not None
        return self._popen

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen([sys.executable, "-c", self.program], env=self.environment, stderr=log)
        return self

    def said(self) -> str:
        return self.log.read_text()

    def process(self) -> psutil.Process:
        return psutil.Process(self.popen.pid)

    def forkserver(self) -> psutil.Process:
        return wait_for(lambda: self.process().children(), what="a fork server")[0]

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def wait(self, seconds: float = 10) -> int:
        return self.popen.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.popen.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(12)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


def processes_of(group: int) -> list[psutil.Process]:
    """Processes of a process group or session that are still alive."""
    alive = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive
