"""The setup script refuses in one sentence, and does nothing when there is nothing to do."""

import os
import subprocess
import sys
import time

from tests.processes import ROOT


def run(prelude: str, **env: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys, runpy; {prelude}; runpy.run_path('scripts/bootstrap.py', run_name='__main__')"
    command = [sys.executable, "-c", code]
    env = {**os.environ, **env}
    return subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)


def test_a_python_that_is_too_old_says_so() -> None:
    done = run("sys.version_info = (3, 9, 2, 'final', 0)", PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("hpweb needs Python 3.11 or newer, and ")
    assert "is Python 3.9" in done.stderr
    assert "\n" not in done.stderr.strip()


def test_a_folder_that_may_not_be_written_to_says_so() -> None:
    done = run("import os; os.access = lambda path, mode: False")
    assert done.returncode == 1
    assert done.stderr.strip() == f"No permission to write to {ROOT}. Clone hpweb into a folder of your own."


def test_a_missing_venv_module_says_so() -> None:
    broken = "import subprocess; subprocess.call = lambda *a, **k: 1; sys.modules['ensurepip'] = None"
    forget = "import builtins; real = open; builtins.open = lambda f, *a, **k: real('/dev/null' if str(f).endswith('.stamp') else f, *a, **k)"
    done = run(f"{broken}; {forget}")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("Python's venv module is missing.")


def test_the_second_start_installs_nothing() -> None:
    stamp = ROOT / ".venv" / "hpweb-dev.stamp"
    assert stamp.exists(), "the tests run in an environment that `make test` has made"
    before = stamp.stat().st_mtime_ns
    begin = time.monotonic()
    done = run("sys.argv = ['bootstrap.py', 'dev']")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - begin < 2
    assert stamp.stat().st_mtime_ns == before
