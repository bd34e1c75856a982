"""`python -m tests.chaos --rounds 50 --target child --seed 1`: the long form.

On three stages: SQLite and a folder as broker; PostgreSQL and Redis; and the special one, with small disks and a clock that can be
set, which needs root on Linux and a C compiler.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.chaos.faults import LOSING, SERVICES, SPECIAL
from tests.chaos.report import commit
from tests.chaos.rounds import NAMES, Player, Round
from tests.chaos.stage import GRID, Stage
from tests.stack.services import Services

SAVED: Final = 3
"""Steps from checkpoint to checkpoint: neither at an evaluation nor at a logged loss."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--rounds", type=int, default=50, help="of each target")
    parser.add_argument("--target", action="append", choices=NAMES, help="only this one; may be repeated")
    parser.add_argument("--stage", choices=("sqlite", "postgresql", "special", "all"), default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first round, to go on where another ended")
    parser.add_argument("--minutes", type=float, default=0, help="begin no round after so many minutes; 0: no end")
    parser.add_argument("--out", type=Path, default=Path("chaos.jsonl"), help="a line of JSON for each round is added")
    parser.add_argument("--trials", type=int, default=GRID, help="of each sweep; with more, no grid is compared")
    parser.add_argument("--steps", type=int, default=24, help="of each trial")
    parser.add_argument(
        "--together", type=int, default=1, help="so many faults on one sweep, one after another, in any order"
    )
    parser.add_argument(
        "--checkpoints", choices=("off", "on", "turns"), default="turns", help="turns: in every second round"
    )
    parser.add_argument("--keep", action="store_true", help="leave the folders of the stages")
    arguments = parser.parse_args()
    stages = ("sqlite", "postgresql", "special") if arguments.stage == "all" else (arguments.stage,)
    until = time.monotonic() + 60 * arguments.minutes if arguments.minutes else float("inf")
    broken = 0
    for kind in stages:
        broken += _on(kind, arguments, until)
    return 1 if broken else 0


def storms(seed: str, targets: list[str], together: int) -> list[tuple[str, ...]]:
    """The targets of one round of each, in any order, `together` of them on one sweep.

    What loses the job is never put together with what keeps it, of which more is asked.
    """
    draw = random.Random(seed)
    mixed: list[tuple[str, ...]] = []
    for alike in ([name for name in targets if name not in LOSING], [name for name in targets if name in LOSING]):
        shuffled = draw.sample(alike, len(alike))
        mixed += [tuple(shuffled[place : place + together]) for place in range(0, len(shuffled), together)]
    return draw.sample(mixed, len(mixed))


def played_before(out: Path) -> set[tuple[str, str, tuple[str, ...]]]:
    """Stage, seed and targets of each round in the file: what was interrupted goes on there."""
    lines = out.read_text().splitlines() if out.exists() else []
    rounds = [json.loads(line) for line in lines]
    return {(line["stage"], line["seed"], tuple(line["targets"])) for line in rounds if "targets" in line}


def _on(kind: str, arguments: argparse.Namespace, until: float) -> int:
    """Rounds on one stage; how many broke a promise."""
    targets = [name for name in arguments.target or NAMES if name in _of(kind)]
    if not targets:
        return 0
    broken = 0
    before = played_before(arguments.out)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="hpweb-chaos-"))
        if not arguments.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        services = stack.enter_context(Services()) if kind == "postgresql" else None
        stage = Stage(
            folder / "stage", services, n_trials=arguments.trials, steps=arguments.steps, special=kind == "special"
        )
        stack.callback(stage.stop)
        stage.prepare()
        stage.start()
        player = Player(stage)
        for number in range(arguments.first, arguments.first + arguments.rounds):
            seed = f"{arguments.seed}.{number}"
            for storm in storms(seed, targets, arguments.together):
                if (kind, seed, storm) in before:
                    continue
                if time.monotonic() > until:
                    return broken + _promises(stage)
                played = player.play(seed, *storm, saved=_saved(arguments.checkpoints, number))
                _tell(played, arguments.out)
                broken += bool(played.findings)
        broken += _promises(stage)
    return broken


def _saved(choice: str, number: int) -> int:
    """After how many steps a round's trials are saved, 0: never."""
    return SAVED if choice == "on" or (choice == "turns" and number % 2) else 0


def _of(kind: str) -> frozenset[str]:
    """What can happen on that stage. What needs no special one is not played there."""
    match kind:
        case "special":
            return frozenset(SPECIAL)
        case "postgresql":
            return frozenset(NAMES) - SPECIAL.keys()
        case _:
            return frozenset(NAMES) - SPECIAL.keys() - SERVICES.keys()


def _promises(stage: Stage) -> int:
    found: list[str] = stage.run("tests.chaos.promises")
    for finding in found:
        print(f"{stage.name}, in the end: {finding}", flush=True)
    return len(found)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _tell(played: Round, out: Path) -> None:
    with out.open("a") as file:
        file.write(json.dumps(played.json() | {"commit": commit()}) + "\n")
    hits = ", ".join(
        f"{hit.target} at {hit.moment_s:.1f} s (on after {_seconds(hit.continued_s)})" for hit in played.hits
    )
    print(
        f"{time.strftime('%H:%M:%S')} {played.stage} {played.seed}{' saved' if played.saved else ''}: {hits}: {played.seconds:.0f} s, {played.jobs} jobs, "
        f"{played.lost_attempts} attempts lost, {played.resumed_attempts} resumed, {len(played.findings)} findings",
        flush=True,
    )
    for finding in played.findings:
        print(f"    {finding}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
