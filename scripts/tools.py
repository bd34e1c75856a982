"""The programs beside Python that the tests need: `python scripts/tools.py chromium postgresql redis node`.

Present ones are left alone. Missing ones are installed where that is possible without asking (root, on Debian or Ubuntu);
elsewhere a sentence says what to install, and the command fails: a test that is skipped in silence proves nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

TOOLS: Final = {
    # name: (programs, any of which will do; Debian packages)
    "chromium": (("chromium", "chromium-browser", "google-chrome"), ("chromium",)),
    "postgresql": (("postgres",), ("postgresql",)),
    "redis": (("redis-server",), ("redis-server",)),
    "node": (("node",), ("nodejs", "npm")),
}


def is_there(name: str) -> bool:
    """Whether a program of that tool is on PATH, or where Debian puts PostgreSQL's."""
    programs, _ = TOOLS[name]
    if name == "postgresql" and any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        return True
    return any(shutil.which(program) for program in programs)


def install(packages: list[str]) -> bool:
    """Install Debian packages; False where that can't be done without asking."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} with apt-get …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0


def main(names: list[str]) -> int:
    missing = [name for name in names if not is_there(name)]
    if missing:
        packages = [package for name in missing for package in TOOLS[name][1]]
        if not install(packages) or not all(is_there(name) for name in missing):
            print(
                f"The tests need {', '.join(missing)}. Install what is missing (Debian, Ubuntu: apt install {' '.join(packages)}).",
                file=sys.stderr,
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
