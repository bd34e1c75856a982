"""The runner as a process of its own, with fake children."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

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
    def __init__(self, url, home, **environment):
        self.home, self.log = Path(home), Path(home).with_suffix(".log")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HPWEB_")},
            "HPWEB_SERVER": url,
            "HPWEB_RUNNER_TOKEN": TOKEN,
            "HPWEB_RUNNER_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "hpweb.settings",  # as `manage.py up` leaves it: nobody may heed it
            **environment,
        }
        self.popen = None

    def start(self):
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen([sys.executable, "-c", _PROGRAM], env=self.environment, stderr=log)
        return self

    def said(self):
        return self.log.read_text()

    def process(self):
        return psutil.Process(self.popen.pid)

    def forkserver(self):
        return wait_for(lambda: next(iter(self.process().children()), None), what="a fork server")

    def trainers(self):
        with contextlib.suppress(psutil.Error):
            return self.forkserver().children()
        return []

    def signal(self, number):
        self.popen.send_signal(number)

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def wait(self, seconds=10):
        return self.popen.wait(seconds)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(12)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


def processes_of(group):
    """Processes of a process group or session that are still alive."""
    alive = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive
