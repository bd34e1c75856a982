"""How long a round of the scheduler takes with a large fleet: `python -m bench.schedule`.

1,000 runners with 1 to 8 slots, GPUs of three sizes, five labels, some of one team; 10,000 queued sweeps of 40 teams and
400 people, with priorities and requirements. The decision alone, over an idle, a half busy and a full fleet, and the
sentence why one waits. No database.
"""

import json
import random
import sys
import time
from statistics import median
from typing import Final

from sweeps.scheduling.decide import decide
from sweeps.scheduling.reasons import reason
from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Shape, Snapshot

RUNNERS: Final = 1000
SWEEPS: Final = 10_000
TEAMS: Final = 40
LIMIT_S: Final = 1.0
TIMES: Final = 5
LABELS: Final = ("fast", "big", "lab", "cloud", "spot")
TASKS: Final = frozenset({"text-classification", "causal-lm", "image-classification"})


def fleet(chance: random.Random, busy: float) -> tuple[Machine, ...]:
    """`busy`: the share of the slots that are taken."""
    machines = []
    for pk in range(RUNNERS):
        slots = chance.choice((1, 1, 2, 4, 8))
        machines.append(
            Machine(
                pk,
                f"runner-{pk}",
                f"id{pk}",
                teams=frozenset(chance.sample(range(TEAMS), 2)) if chance.random() < 0.2 else frozenset(),
                tasks=TASKS,
                labels=frozenset(chance.sample(LABELS, chance.randint(0, 3))),
                slots=slots,
                limit=slots,
                free=sum(chance.random() >= busy for _ in range(slots)),
                gpus=(chance.choice((16, 24, 80)) * GB,) * slots if chance.random() < 0.8 else (),
            )
        )
    return tuple(machines)


def queue(chance: random.Random) -> tuple[Request, ...]:
    tasks = sorted(TASKS)
    found = []
    for pk in range(SWEEPS):
        person = chance.randrange(10 * TEAMS)
        shape = Shape(
            team=person % TEAMS,
            task=chance.choice(tasks),
            processes=chance.choice((1, 1, 1, 1, 2, 4)),
            gpus=chance.choice((0, 0, 1)),
            gpu_memory=chance.choice((0, 0, 40 * GB)),
            labels=frozenset(chance.sample(LABELS, 1)) if chance.random() < 0.2 else frozenset(),
            runner=f"id{chance.randrange(RUNNERS)}" if chance.random() < 0.02 else "",
        )
        found.append(Request(pk, shape, person, chance.choice((0, 0, 0, 1, 5)), float(pk)))
    return tuple(found)


def measure(busy: float) -> dict[str, float | int]:
    """Seconds, the median and the worst of `TIMES`."""
    chance = random.Random(7)
    used = {(person % TEAMS, person): chance.uniform(0, 10**5) for person in range(10 * TEAMS)}
    quotas = {team: Allowance(gpus=float(chance.randint(1, 200)), gpus_held=0.0) for team in range(0, TEAMS, 4)}
    snapshot = Snapshot(fleet(chance, busy), queue(chance), used, quotas, now=float(SWEEPS))
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        decision = decide(snapshot)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    said = [reason(snapshot, decision, one) for one in decision.waiting[-20:]]
    return {
        "busy": busy,
        "offers": len(decision.offers),
        "waiting": len(decision.waiting),
        "kept": len(decision.kept),
        "median_s": round(median(times), 3),
        "worst_s": round(max(times), 3),
        "sentence_s": round((time.perf_counter() - begun) / max(1, len(said)), 4),
    }


def main() -> int:
    found = [measure(busy) for busy in (0.0, 0.5, 1.0)]
    for one in found:
        print(json.dumps(one))
    return 0 if all(one["worst_s"] < LIMIT_S for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
