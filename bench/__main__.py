"""Every measurement, one after another: `python -m bench [name …]`."""

import subprocess
import sys
from typing import Final

MEASUREMENTS: Final = (
    "start",
    "latency",
    "overhead",
    "ingest",
    "page",
    "watch",
    "schedule",
    "conformance",
    "leaks",
    "matrix",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"No such measurement: {', '.join(unknown)}. There are {', '.join(MEASUREMENTS)}.", file=sys.stderr)
        return 2
    failed = []
    for name in names or MEASUREMENTS:
        print(f"── {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
