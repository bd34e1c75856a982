"""`python -m tests.chaos.report rounds.jsonl …` writes the rounds into docs/reliability.md, between its two marks."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.chaos.rounds import NAMES
from tests.processes import ROOT

PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN: Final = "<!-- chaos: written by python -m tests.chaos.report -->"
END: Final = "<!-- chaos: end -->"
STAGES: Final = {"sqlite": "SQLite, folder", "postgresql": "PostgreSQL, Redis", "special": "SQLite, small disks"}


def table(rounds: list[dict[str, Any]]) -> str:
    """A line for each target and stage, and one for all."""
    lines = [
        "| what happened | on | rounds | trials audited | attempts lost on the way | broken promises | to continue, median | worst |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for target in NAMES:
        for stage, words in STAGES.items():
            of_it = [played for played in rounds if (played["target"], played["stage"]) == (target, stage)]
            if of_it:
                lines.append(_line(target, words, of_it))
    lines.append(_line("**all**", "", rounds))
    return "\n".join(lines)


def _line(target: str, stage: str, rounds: list[dict[str, Any]]) -> str:
    times = [played["continued_s"] for played in rounds if played["continued_s"] is not None]
    broken = sum(bool(played["findings"]) for played in rounds)
    trials = sum(played["trials"] for played in rounds)
    lost = sum(played["lost_attempts"] for played in rounds)
    middle, worst = (f"{median(times):.1f} s", f"{max(times):.1f} s") if times else ("–", "–")
    return f"| {target} | {stage} | {len(rounds)} | {trials} | {lost} | {broken} | {middle} | {worst} |"


def main(files: list[str]) -> None:
    rounds = [json.loads(line) for file in files for line in Path(file).read_text().splitlines()]
    commits = sorted({played["commit"] for played in rounds})
    head, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    said = f"Commit {', '.join(commits)}, {len(rounds)} rounds."
    PAGE.write_text(f"{head}{BEGIN}\n\n{said}\n\n{table(rounds)}\n\n{END}{tail}")


def commit() -> str:
    """The checkout's commit, or what a file `.commit` in a copy of it says."""
    note = ROOT / ".commit"
    if note.exists():
        return note.read_text().strip()
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return asked.stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
