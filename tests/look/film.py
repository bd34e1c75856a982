"""A made-up sweep that goes on by itself: the live contract without a server, a runner or a trial.

Everything is a function of the frame number, so a page can be looked at in any moment.
"""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PUBLIC_ID: Final = "aB3dE5gH7jK9"
PARAMS: Final = ("learning_rate", "per_device_train_batch_size", "weight_decay", "lr_scheduler_type")
N_TRIALS: Final = 16
STEPS: Final = 12
METRIC: Final = "eval_accuracy"
START: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FAILED: Final = 4
PRUNED: Final = frozenset({6, 9})


class Film:
    """One sweep of `N_TRIALS` trials of `STEPS` frames each, two at a time."""

    def __init__(self, *, trials: int = N_TRIALS) -> None:
        self.n_trials = trials
        self.frame = 0
        self.position = 100
        self.now = datetime.now(UTC)
        self.started = self.now - timedelta(seconds=1)

    @property
    def last_frame(self) -> int:
        return (self.n_trials + 1) // 2 * STEPS

    def params(self, number: int) -> dict[str, Any]:
        draw = random.Random(number)
        return {
            "learning_rate": 10 ** draw.uniform(-5, -2.5),
            "per_device_train_batch_size": draw.choice([8, 16, 32, 64]),
            "weight_decay": round(draw.uniform(0, 0.2), 3),
            "lr_scheduler_type": draw.choice(["linear", "cosine", "constant"]),
        }

    def quality(self, number: int) -> float:
        params = self.params(number)
        distance: float = abs(math.log10(params["learning_rate"]) + 3.4)
        return max(0.14, 0.93 - 0.19 * distance - 0.0012 * int(params["per_device_train_batch_size"]))

    def begins(self, number: int) -> int:
        return number // 2 * STEPS

    def length(self, number: int) -> int:
        return {FAILED: 5}.get(number, 7 if number in PRUNED else STEPS)

    def state(self, number: int) -> str | None:
        done = self.frame - self.begins(number)
        if done <= 0:
            return None
        if done < self.length(number):
            return "running"
        return "fail" if number == FAILED else "pruned" if number in PRUNED else "complete"

    def numbers(self) -> list[int]:
        return [number for number in range(self.n_trials) if self.state(number)]

    def curve(self, number: int) -> dict[str, dict[str, list[Any]]]:
        steps = range(1, min(self.frame - self.begins(number), self.length(number)) + 1)
        draw = random.Random(number + 1000)
        noise = [draw.gauss(0, 0.012) for _ in range(STEPS + 1)]
        best = self.quality(number)
        loss = [2.4 * math.exp(-2.6 * best * s / STEPS) + noise[s] for s in steps]
        accuracy = [best * (1 - math.exp(-4 * s / STEPS)) + noise[s] / 2 for s in steps if s % 2 == 0]
        rate = [self.params(number)["learning_rate"] * (1 - s / STEPS) for s in steps]
        ticks, evals = [10 * s for s in steps], [10 * s for s in steps if s % 2 == 0]
        return {
            "loss": _line(ticks, loss),
            "learning_rate": _line(ticks, rate),
            METRIC: _line(evals, accuracy),
        }

    def value(self, number: int) -> float | None:
        if self.state(number) in ("complete", "pruned"):
            values: list[float] = self.curve(number)[METRIC]["value"]
            return values[-1]
        return None

    def row(self, number: int) -> dict[str, Any]:
        state = self.state(number)
        failed = state == "fail"
        seconds = 1.7 + 0.1 * number if state != "running" else None
        accuracy = self.curve(number)[METRIC]
        return {
            "number": number,
            "state": state,
            "params": self.params(number),
            "value": self.value(number),
            "values": [] if self.value(number) is None else [self.value(number)],
            "duration_s": seconds,
            "started_at": (self.started + timedelta(seconds=self.begins(number) / 4)).isoformat(),
            "attempt": 2 if number == 3 else 1,
            "runner": "this-machine",
            "failure_code": "not_finite" if failed else "",
            "failure_message": "The loss became NaN at step 40. A lower learning rate may mend it." if failed else "",
            "intermediate": [
                list(point) for point in zip(accuracy["step"], accuracy["epoch"], accuracy["value"], strict=True)
            ],
        }

    def sweep(self) -> dict[str, Any]:
        states = [self.state(number) for number in range(self.n_trials)]
        counts = {
            word: states.count(word) for word in ("waiting", "running", "complete", "pruned", "fail", "cancelled")
        }
        counted = counts["complete"] + counts["pruned"] + counts["fail"]
        done = counted == self.n_trials
        complete = [
            (self.value(number) or 0.0, -number) for number in range(self.n_trials) if states[number] == "complete"
        ]
        best = None
        if complete:
            value, minus = max(complete)
            best = {"number": -minus, "value": value, "params": self.params(-minus)}
        elapsed = (datetime.now(UTC) - self.started).total_seconds()
        return {
            "id": PUBLIC_ID,
            "state": "complete" if done else "running",
            "wanted": "run",
            "counts": counts,
            "counted": counted,
            "n_trials": self.n_trials,
            "best": best,
            "pareto": [],
            "started_at": self.started.isoformat(),
            "finished_at": datetime.now(UTC).isoformat() if done else None,
            "elapsed_s": elapsed,
            "remaining_s": None if done or not counted else elapsed / counted * (self.n_trials - counted),
            "failure_message": "",
            "failure_code": "",
            "position": self.position,
            "model": {"number": best["number"], "bytes": 18_400_000, "url": "#"} if done and best else None,
            "waiting_reason": "",
            "archived": False,
            "space_version": 1,
        }

    def logs(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = [
            {
                "t": 0.1,
                "number": None,
                "stream": "runner",
                "text": "prepared in 0.42 s: 4,000 training rows, 1,000 evaluation rows",
            }
        ]
        for frame in range(1, self.frame + 1):
            lines += self.frame_logs(frame)
        return lines

    def frame_logs(self, frame: int) -> list[dict[str, Any]]:
        lines = []
        for number in range(self.n_trials):
            step = frame - self.begins(number)
            if step == 1:
                lines.append(
                    {
                        "t": frame / 4,
                        "number": number,
                        "stream": "stdout",
                        "text": f"training begins, seed {42 + number}",
                    }
                )
            if step == 3 and number % 3 == 0:
                text = "UserWarning: the tokenizer truncates 12 of 4,000 rows\n  at max_length=64"
                lines.append({"t": frame / 4, "number": number, "stream": "stderr", "text": text})
            if step == self.length(number):
                lines.append({"t": frame / 4, "number": number, "stream": "stdout", "text": "training ended"})
        return lines

    def snapshot(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "sweep": self.sweep(),
            "trials": [self.row(number) for number in self.numbers()],
            "curves": {str(number): self.curve(number) for number in self.numbers()},
            "metrics": [METRIC, "loss", "learning_rate"],
            "logs": self.logs()[-200:],
        }

    def columns(self) -> dict[str, Any]:
        """The frame."""
        from sweeps.queries.frame import rounded
        from sweeps.queries.frame_params import param_columns

        rows = [self.row(number) for number in self.numbers()]
        states = ["waiting", "running", "complete", "pruned", "fail", "cancelled"]
        return {
            "position": self.position,
            "states": states,
            "number": [row["number"] for row in rows],
            "state": [states.index(row["state"]) for row in rows],
            "objectives": [{"name": METRIC, "direction": "maximize", "values": [row["value"] for row in rows]}],
            "params": param_columns({"names": PARAMS}, [row["params"] for row in rows], rounded),
            "duration": [row["duration_s"] for row in rows],
            "started": [0.0 for _ in rows],
            "start": self.started.timestamp(),
            "runners": ["this-machine"],
            "runner": [0 for _ in rows],
            "version": [1 for _ in rows],
        }

    def advance(self) -> dict[str, Any]:
        """Go on by one frame and return the `changes` message."""
        before, self.frame, self.position = self.position, self.frame + 1, self.position + 1
        changed = [n for n in self.numbers() if self.begins(n) < self.frame <= self.begins(n) + self.length(n)]
        points = []
        for number in changed:
            curve = self.curve(number)
            step = 10 * (self.frame - self.begins(number))
            values = {
                name: [line["value"][-1] if line["step"] and line["step"][-1] == step else None]
                for name, line in curve.items()
            }
            points.append(
                {
                    "number": number,
                    "attempt": self.row(number)["attempt"],
                    "step": [step],
                    "epoch": [step / 40],
                    "t": [step / 40],
                    "values": values,
                }
            )
        rows = [self.row(number) for number in changed]
        for row in rows:
            row.pop("intermediate")
        return {
            "type": "changes",
            "from": before,
            "position": self.position,
            "sweep": self.sweep(),
            "trials": rows,
            "points": points,
            "logs": self.frame_logs(self.frame),
        }


def _line(steps: list[int], values: list[float]) -> dict[str, list[Any]]:
    return {"step": steps, "epoch": [t / 40 for t in steps], "t": [t / 40 for t in steps], "value": values}
