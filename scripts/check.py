"""Every check that runs no program of ours: `python scripts/check.py [name …]`. All are run, then the failures are named."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = ROOT / ".venv" / "bin"
PYTHON: Final = sys.executable
BIOME: Final = "2.6.8"


def _python(*arguments: str) -> list[str]:
    return [PYTHON, "-m", *arguments]


CHECKS: Final[dict[str, list[str]]] = {
    "ruff": _python("ruff", "check", "."),
    "format": _python("ruff", "format", "--check", "."),
    "imports": [str(BIN / "lint-imports")],
    "types": _python("mypy", "."),
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "django": [PYTHON, "-W", "error", "manage.py", "check", "--fail-level", "WARNING"],
    "templates": _python("djlint", "templates", "--check", "--lint", "--quiet"),
    "javascript": [
        str(ROOT / ".cache" / "biome" / "node_modules" / ".bin" / "biome"),
        "ci",
        "static/js",
        "static/css",
        "tests/js",
    ],
}


def fetch_biome() -> bool:
    """Install the JavaScript linter at its pinned version below .cache, once; False where npm is missing or fails."""
    folder = ROOT / ".cache" / "biome"
    stamp = folder / BIOME
    if stamp.exists():
        return True
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: it fetches the JavaScript linter (Debian, Ubuntu: apt install nodejs npm).")
        return False
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        str(folder),
        f"@biomejs/biome@{BIOME}",
    ]
    if subprocess.run(command, check=False).returncode:
        return False
    stamp.touch()
    return True


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"No such check: {', '.join(unknown)}. There are {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed = []
    for name in names or CHECKS:
        begin = time.monotonic()
        print(f"── {name}", flush=True)
        ready = fetch_biome() if name == "javascript" else True
        if not ready or subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"   {'FAILED' if name in failed else 'ok'} in {time.monotonic() - begin:.1f} s", flush=True)
    print(f"Checks failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
