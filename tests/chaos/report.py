"""`python -m tests.chaos.report` writes the rounds of docs/chaos.jsonl (or of the files named) into docs/reliability.md, between its two marks."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.chaos.rounds import NAMES
from tests.processes import ROOT

PAGE: Final = ROOT / "docs" / "reliability.md"
ROUNDS: Final = ROOT / "docs" / "chaos.jsonl"
BEGIN: Final = "<!-- chaos: written by python -m tests.chaos.report -->"
END: Final = "<!-- chaos: end -->"
STAGES: Final = {"sqlite": "SQLite, folder", "postgresql": "PostgreSQL, Redis", "special": "SQLite, small disks"}


def table(rounds: list[dict[str, Any]]) -> str:
    """A line for each target and stage, and one for all."""
    lines = [
        "| what happened | on | times | sweeps | of which with a broken promise | to continue, median | worst |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for target in NAMES:
        for stage, words in STAGES.items():
            of_it = [played for played in rounds if played["stage"] == stage and _times(played, target)]
            if of_it:
                lines.append(_line(target, words, of_it))
    lines.append(_line("", "", rounds))
    return "\n".join(lines)


def _times(played: dict[str, Any], target: str) -> list[float | None]:
    return [hit["continued_s"] for hit in played["hits"] if target in {hit["target"], ""} and hit.get("struck", True)]


def _line(target: str, stage: str, rounds: list[dict[str, Any]]) -> str:
    times = [continued for played in rounds for continued in _times(played, target)]
    known = [continued for continued in times if continued is not None]
    broken = sum(bool(played["findings"]) for played in rounds)
    middle, worst = (f"{median(known):.1f} s", f"{max(known):.1f} s") if known else ("–", "–")
    return f"| {target or '**all**'} | {stage} | {len(times)} | {len(rounds)} | {broken} | {middle} | {worst} |"


def _sums(rounds: list[dict[str, Any]]) -> str:
    trials, lost, resumed, points = (
        sum(played.get(name, 0) for played in rounds)
        for name in ("trials", "lost_attempts", "resumed_attempts", "points")
    )
    saved = sum(bool(played.get("saved")) for played in rounds)
    return (
        f"{len(rounds)} sweeps ({saved} with checkpoints) with {trials} trials and {points} curve rows were audited; "
        f"{lost} attempts were lost on the way and made up for, {resumed} of them from a checkpoint"
    )


def main(files: list[str]) -> None:
    rounds = [json.loads(line) for file in files or [str(ROUNDS)] for line in Path(file).read_text().splitlines()]
    commits = sorted({played["commit"] for played in rounds})
    head, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    said = f"Commit {', '.join(commits)}. {_sums(rounds)}."
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
