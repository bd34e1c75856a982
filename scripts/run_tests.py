"""The tests: `python scripts/run_tests.py [pytest's arguments]`, behind `make test` and `make full`.

Tests that start the whole program or a browser measure how it behaves in time, so they run alone, one after another. All
others share the machine's cores. Named paths are run as they are named.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ALONE: Final = ("tests/e2e", "tests/browser", "tests/chaos", "tests/look", "tests/fuzz")
NOTHING_FOUND: Final = 5
"""pytest's exit code where no test fits, as with `-k` in one of the halves."""
MOST: Final = 4
"""Processes: each has a database and its own imports, so more take more than they give."""


def main(arguments: list[str]) -> int:
    """Pytest's exit code: 0 where both halves passed."""
    pytest = [sys.executable, "-m", "pytest"]
    if any(not word.startswith("-") and (ROOT / word.partition("::")[0]).exists() for word in arguments):
        return run([*pytest, *arguments])
    processes = min(MOST, os.cpu_count() or 1)
    shared = [*pytest, *arguments, "-n", str(processes), "--dist", "loadfile", *(f"--ignore={path}" for path in ALONE)]
    codes = {run(shared), run([*pytest, *arguments, *ALONE])}
    failed = codes - {0, NOTHING_FOUND}
    return max(failed) if failed else min(codes)


def run(command: list[str]) -> int:
    return subprocess.run(command, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
