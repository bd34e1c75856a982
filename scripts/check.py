"""Every check that runs no program of ours: `python scripts/check.py [name …]`. All are run, then the failures are named."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = ROOT / ".venv" / "bin"
NODE_TOOLS: Final = ROOT / ".cache" / "node-tools"
NODE_PINS: Final = ("@biomejs/biome@2.6.8", "typescript@7.0.2")
"""What looks at the JavaScript. Fetched by npm once, for developers and CI only."""


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def _node(name: str, *arguments: str) -> list[str]:
    return [str(NODE_TOOLS / "node_modules" / ".bin" / name), *arguments]


CHECKS: Final[dict[str, list[str]]] = {
    "ruff": _python("ruff", "check", "."),
    "format": _python("ruff", "format", "--check", "."),
    "imports": [str(BIN / "lint-imports")],
    "types": _python("mypy", "."),
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "django": [sys.executable, "-W", "error", "manage.py", "check", "--fail-level", "WARNING"],
    "templates": _python("djlint", "templates", "--lint"),
    "javascript": _node("biome", "ci", "--colors=off"),
    "javascript-types": _node("tsc", "-p", "jsconfig.json"),
}


def fetch_node_tools() -> bool:
    """Install the JavaScript tools at their pinned versions below .cache, once; False where npm is missing or fails."""
    stamp, wanted = NODE_TOOLS / "pins", "\n".join(NODE_PINS)
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: it fetches the JavaScript tools (Debian, Ubuntu: apt install nodejs npm).")
        return False
    NODE_TOOLS.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(NODE_TOOLS), *NODE_PINS]
    if subprocess.run(command, check=False).returncode:
        print("npm could not install the JavaScript tools; with a network that reaches its registry, try again.")
        return False
    stamp.write_text(wanted)
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
        ready = fetch_node_tools() if name.startswith("javascript") else True
        if not ready or subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"   {'FAILED' if name in failed else 'ok'} in {time.monotonic() - begin:.1f} s", flush=True)
    print(f"Checks failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
