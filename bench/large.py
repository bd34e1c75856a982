"""A finished sweep of many trials, written past the program into its database: deterministic, and quick.

    HPWEB_DATA=… DJANGO_SETTINGS_MODULE=hpweb.settings python -m bench.large [trials]

prints `{"sweep": <its public id>}`. The team is the demo's. Each trial has 8 parameters, 20 intermediate values and a
curve of 20 evaluations and 20 losses; 90 % are complete, 8 % pruned, 2 % failed.
"""

import json
import math
import random
import sys
from datetime import datetime, timedelta
from typing import Any, Final

import django

STEPS: Final = 20
SLOTS: Final = 8
RUNNERS: Final = ("gpu-1", "gpu-2")
SPACE: Final[list[dict[str, Any]]] = [
    {"type": "float", "name": "learning_rate", "low": 1e-6, "high": 1e-3, "log": True},
    {"type": "float", "name": "weight_decay", "low": 0.0, "high": 0.3},
    {"type": "float", "name": "warmup_ratio", "low": 0.0, "high": 0.2},
    {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16, 32, 64]},
    {"type": "int", "name": "num_train_epochs", "low": 1, "high": 5},
    {"type": "categorical", "name": "lr_scheduler_type", "choices": ["linear", "cosine", "constant"]},
    {"type": "float", "name": "model.hidden_dropout_prob", "low": 0.0, "high": 0.4},
    {"type": "float", "name": "adam_beta2", "low": 0.9, "high": 0.9999},
]
OBJECTIVES: Final = [{"metric": "eval_loss", "direction": "minimize"}]


def draw(rng: random.Random, row: dict[str, Any]) -> Any:
    """A value of a row of the space."""
    if row["type"] == "categorical":
        return rng.choice(row["choices"])
    if row["type"] == "int":
        return rng.randint(row["low"], row["high"])
    if row.get("log"):
        return math.exp(rng.uniform(math.log(row["low"]), math.log(row["high"])))
    return rng.uniform(row["low"], row["high"])


def outcome(rng: random.Random, params: dict[str, Any]) -> list[float]:
    """Evaluations of a trial: a curve that falls to where its parameters let it."""
    rate = abs(math.log10(params["learning_rate"]) + 4.3)
    floor = 0.25 + 0.12 * rate**2 + 0.6 * params["model.hidden_dropout_prob"] ** 2 + 0.2 * params["weight_decay"]
    floor += 0.05 * (params["lr_scheduler_type"] == "constant") + rng.gauss(0, 0.02)
    speed = 1.5 + 4 * math.exp(-rate)
    return [floor + 1.5 * math.exp(-speed * (i + 1) / STEPS) + rng.gauss(0, 0.01) for i in range(STEPS)]


def trial_of(number: int) -> dict[str, Any]:
    """`params`, `state`, `intermediate` ([[step, epoch, value], …]), `values`, `duration_s` of a trial."""
    rng = random.Random(number)
    params = {row["name"]: draw(rng, row) for row in SPACE}
    values = outcome(rng, params)
    fate = rng.random()
    state = "complete" if fate < 0.9 else "pruned" if fate < 0.98 else "fail"
    shown = STEPS if state == "complete" else rng.randint(2, STEPS // 2)
    epochs = params["num_train_epochs"]
    return {
        "params": params,
        "state": state,
        "intermediate": [[50 * (i + 1), epochs * (i + 1) / STEPS, values[i]] for i in range(shown)],
        "values": [values[-1]] if state == "complete" else [],
        "duration_s": round(shown * rng.uniform(1.5, 2.5), 3),
    }


def write(team: Any, trials: int) -> Any:
    """The sweep, with its trials, attempts and curves."""
    from django.db import transaction
    from django.utils import timezone

    from runners.models import Runner
    from sweeps.models import Attempt, Job, MetricChunk, Sweep, Trial
    from tests.sweeps.talk import spec

    rows = [trial_of(number) for number in range(trials)]
    start = timezone.now() - timedelta(days=7)
    frozen = spec(trials, space={"parameters": SPACE}, objectives=OBJECTIVES)
    with transaction.atomic():
        sweep = Sweep.objects.create(
            team=team, name=f"{trials:,} trials", state="complete", spec=frozen, n_trials=trials, started_at=start
        )
        jobs = []
        for name in RUNNERS:
            runner, _ = Runner.objects.get_or_create(name=name, defaults={"token_hash": name})
            jobs.append(Job.objects.create(sweep=sweep, runner=runner, state="done", claimed_at=start))
        free = [0.0] * SLOTS
        made: list[Trial] = []
        attempts: list[Attempt] = []
        for number, row in enumerate(rows):
            slot = min(range(SLOTS), key=free.__getitem__)
            begin = start + timedelta(seconds=free[slot])
            free[slot] += row["duration_s"] + 0.5
            shared = {
                **{name: row[name] for name in ("state", "values", "intermediate", "duration_s")},
                **_failure(row["state"]),
                "started_at": begin,
                "finished_at": begin + timedelta(seconds=row["duration_s"]),
            }
            value = row["values"][0] if row["values"] else None
            more: dict[str, Any] = {"params": row["params"], "value": value, "finished_order": number + 1}
            trial = Trial(sweep=sweep, number=number, seed=number, **more, **shared)
            made.append(trial)
            attempts.append(Attempt(trial=trial, index=1, job=jobs[slot % len(jobs)], started_t=free[slot], **shared))
        Trial.objects.bulk_create(made, batch_size=500)
        Attempt.objects.bulk_create(attempts, batch_size=500)
        chunks = [_chunk(MetricChunk, attempt, row) for attempt, row in zip(attempts, rows, strict=True)]
        MetricChunk.objects.bulk_create(chunks, batch_size=500)
        sweep.best_trial = min((trial for trial in made if trial.value is not None), key=lambda trial: trial.value or 0)
        sweep.finished_at = _end(start, free)
        sweep.position = trials
        sweep.save()
    return sweep


def _failure(state: str) -> dict[str, str]:
    return {"failure_code": "oom", "failure_message": "The GPU ran out of memory."} if state == "fail" else {}


def _end(start: datetime, free: list[float]) -> datetime:
    return start + timedelta(seconds=max(free))


def _chunk(model: Any, attempt: Any, row: dict[str, Any]) -> Any:
    steps, epochs, values = (list(column) for column in zip(*row["intermediate"], strict=True))
    data = {
        "step": steps,
        "epoch": epochs,
        "t": [round(i * 2.0, 1) for i in range(len(steps))],
        "values": {"eval_loss": values, "loss": [value * 1.1 for value in values]},
    }
    return model(attempt=attempt, first_seq=1, rows=len(steps), data=data)


def main(trials: int) -> None:
    django.setup()
    from teams.models import Team

    sweep = write(Team.objects.order_by("pk")[0], trials)
    print(json.dumps({"sweep": sweep.public_id}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
