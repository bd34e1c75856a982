"""A parameter acts in its place, seen in what was trained: one child, trials that differ from the first in one parameter.

The last trial of each job has the first one's parameters again and must give its value again: nothing of what a trial
set may reach the next. `Witness` looks at model, optimizer and data at the end of each evaluation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer

from runners.protocol.base import Scalar
from runners.protocol.job import Permit
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

LOSS = [{"metric": "eval_loss", "direction": "minimize"}]
ONE_EPOCH = {"num_train_epochs": 1, "eval_strategy": "epoch", "logging_steps": 1, "per_device_eval_batch_size": 64}


@dataclass(frozen=True)
class Trained:
    """A trial's value, and what the witness has seen."""

    value: float
    seen: dict[str, Any]
    metrics: list[dict[str, Any]]

    def logged(self, name: str) -> list[float]:
        """The values of a metric, step by step."""
        return [line["values"][name] for line in self.metrics if name in line["values"]]


@dataclass(frozen=True)
class Witness:
    """In the child: writes what is trained into a file, one line for each evaluation."""

    file: Path

    def __call__(self) -> None:
        real, file = Trainer.evaluate, self.file

        def evaluate(trainer: Any, *args: Any, **kwargs: Any) -> Any:
            with file.open("a") as lines:
                lines.write(json.dumps(facts(trainer)) + "\n")
            return real(trainer, *args, **kwargs)

        setattr(Trainer, "evaluate", evaluate)  # noqa: B010 - a method of another class


def facts(trainer: Any) -> dict[str, Any]:
    """What a trial's Trainer holds after training, read from the objects themselves."""
    model, optimizer = trainer.model, getattr(trainer.optimizer, "optimizer", trainer.optimizer)
    schedule = trainer.lr_scheduler.lr_lambdas[0]
    adapters = {name: part for name, part in model.named_modules() if hasattr(part, "lora_A")}
    some = next(iter(adapters.values()), None)
    torch_state = torch.get_rng_state()
    rows = [trainer.train_dataset[row] for row in range(len(trainer.train_dataset))]
    torch.set_rng_state(torch_state)
    return {
        "optimizer": type(optimizer).__name__,
        "weight_decay": max(group["weight_decay"] for group in optimizer.param_groups),
        "scheduler": getattr(schedule, "func", schedule).__name__,
        "weights": sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        "layers": model.config.num_hidden_layers,
        "dropout": sorted({part.p for part in model.modules() if isinstance(part, torch.nn.Dropout)}),
        "adapters": sorted({name.rpartition(".")[2] for name in adapters}),
        "rank": some and some.r["default"],
        "scale": some and some.scaling["default"],
        "adapter_dropout": some and getattr(some.lora_dropout["default"], "p", 0.0),
        "rows": len(rows),
        "longest": max((len(row["input_ids"]) for row in rows if "input_ids" in row), default=None),
        "pixels": [float(row["pixel_values"].sum()) for row in rows[:5] if "pixel_values" in row],
        "steps": trainer.state.global_step,
    }


def trained(
    path: Path, base: dict[str, Any], first: Mapping[str, Scalar], *others: Mapping[str, Scalar], **changes: Any
) -> list[Trained]:
    """The first parameters, each of the others over them, and the first again; in one child."""
    rows = [
        {"type": "categorical", "name": name, "choices": list(dict.fromkeys([value, *_all(name, others)]))}
        for name, value in first.items()
    ]
    params = [dict(first), *({**first, **other} for other in others), dict(first)]
    wanted = {"arguments": ONE_EPOCH, "objectives": LOSS, "space": {"parameters": rows}, "keep_best": False, **changes}
    spec, files = sweep(base, 90, n_trials=len(params), **wanted)
    supervisor = SmallSupervisor(path / "job", spec, files)
    supervisor.lost = [Permit(number=number, attempt=1, params=some) for number, some in enumerate(params)]
    supervisor._next = len(params)
    witness = Witness(path / "seen.jsonl")
    assert supervisor.one_child(len(params), witness) == 0, supervisor.output
    seen = [json.loads(line) for line in witness.file.read_text().splitlines()]
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete"] * len(params), ends
    of = [[line for line in supervisor.of_type("metrics") if line["number"] == end["number"]] for end in ends]
    found = [Trained(end["values"][0], saw, lines) for end, saw, lines in zip(ends, seen, of, strict=True)]
    assert found[-1].value == found[0].value, "a trial has left something to the next"
    assert found[-1].seen == found[0].seen
    return found


def _all(name: str, others: tuple[Mapping[str, Scalar], ...]) -> list[Scalar]:
    return [other[name] for other in others if name in other]


def changed(one: Trained, other: Trained) -> dict[str, tuple[Any, Any]]:
    """What the witness saw differ."""
    return {name: (one.seen[name], other.seen[name]) for name in one.seen if one.seen[name] != other.seen[name]}


def test_arguments_model_data_and_seed(tmp_path: Path) -> None:
    first: dict[str, Scalar] = {
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "optim": "adamw_torch",
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": 8,
        "seed": 1,
        "model.hidden_dropout_prob": 0.1,
        "model.num_hidden_layers": 1,
        "data.max_length": 32,
        "data.train_fraction": 1.0,
    }
    names = ("learning_rate", "weight_decay", "optim", "lr_scheduler_type", "per_device_train_batch_size", "seed")
    other: dict[str, Scalar] = {
        **dict(zip(names, (3e-3, 0.3, "adafactor", "constant", 16, 2), strict=True)),
        "model.hidden_dropout_prob": 0.4,
        "model.num_hidden_layers": 2,
        "data.max_length": 8,
        "data.train_fraction": 0.5,
    }
    base, *found, _ = trained(tmp_path, TEXT, first, *({name: value} for name, value in other.items()))
    by = dict(zip(other, found, strict=True))
    assert len({one.value for one in (base, *found)}) == len(found) + 1, "each gives another model"
    one_layer = 2 * (by["model.num_hidden_layers"].seen["weights"] - base.seen["weights"])
    assert one_layer > 0
    assert {name: changed(base, one) for name, one in by.items()} == {
        "learning_rate": {},
        "weight_decay": {"weight_decay": (0.0, 0.3)},
        "optim": {"optimizer": ("AdamW", "Adafactor")},
        "lr_scheduler_type": {
            "scheduler": ("_get_linear_schedule_with_warmup_lr_lambda", "_get_constant_lambda"),
        },
        "per_device_train_batch_size": {"steps": (9, 5)},
        "seed": {},
        "model.hidden_dropout_prob": {"dropout": ([0.1], [0.1, 0.4])},
        "model.num_hidden_layers": {
            "layers": (1, 2),
            "weights": (base.seen["weights"], base.seen["weights"] + one_layer // 2),
        },
        "data.max_length": {"longest": (base.seen["longest"], 8)},
        "data.train_fraction": {"rows": (68, 34), "longest": (28, 23), "steps": (9, 5)},
    }
    assert base.logged("learning_rate")[0] == pytest.approx(1e-3)
    assert by["learning_rate"].logged("learning_rate")[0] == pytest.approx(3e-3)
    assert base.logged("learning_rate")[-1] == pytest.approx(1e-3 / 9)
    assert set(by["lr_scheduler_type"].logged("learning_rate")) == {1e-3}
    assert by["seed"].logged("loss")[0] != base.logged("loss")[0], "the seed acts before the first step"
    assert by["weight_decay"].logged("loss")[0] == base.logged("loss")[0], "decay acts after it"


def test_adapters(tmp_path: Path) -> None:
    first: dict[str, Scalar] = {"learning_rate": 5e-2, "lora.r": 2, "lora.alpha": 4, "lora.dropout": 0.0}
    other: dict[str, Scalar] = {"lora.r": 8, "lora.alpha": 16, "lora.dropout": 0.3}
    changes = [{name: value} for name, value in other.items()]
    base, rank, alpha, dropout, _ = trained(tmp_path / "a", TEXT, first, *changes, lora={"target_modules": ["query"]})
    assert len({base.value, rank.value, alpha.value, dropout.value}) == 4
    weights = base.seen["weights"]
    # One layer, A and B, each of rank × width weights.
    assert changed(base, rank) == {"rank": (2, 8), "scale": (2.0, 0.5), "weights": (weights, weights + 2 * 6 * 64)}
    assert changed(base, alpha) == {"scale": (2.0, 8.0)}
    assert changed(base, dropout).pop("adapter_dropout") == (0.0, 0.3)
    modules, _ = trained(tmp_path / "b", TEXT, first, lora={"target_modules": ["query", "value"]})
    assert modules.value != base.value
    assert changed(base, modules) == {
        "adapters": (["query"], ["query", "value"]),
        "weights": (weights, weights + 2 * 2 * 64),
    }


def test_augmentation(tmp_path: Path) -> None:
    first: dict[str, Scalar] = {"learning_rate": 1e-3, "data.flip": False, "data.crop": 0, "data.rotation": 0.0}
    other: dict[str, Scalar] = {"data.flip": True, "data.crop": 2, "data.rotation": 30.0}
    base, *found, _ = trained(tmp_path, IMAGES, first, *({name: value} for name, value in other.items()))
    assert len({one.value for one in (base, *found)}) == 4
    assert "pixels" in changed(base, found[1]), "a moved image loses some of its border"
    assert "pixels" in changed(base, found[2])
    assert all(set(changed(base, one)) <= {"pixels"} for one in found)
