"""Drafts of every form that the contract allows, for property tests."""

from typing import Any

from hypothesis import strategies as st

from sweeps.validation.draft import Draft

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["no", "1e-5", "true", "~", "0x10", "- a", "a: b", "# c", "{x}", "12:30:00", " end ", "two\nlines\n"]
)
_numbers = st.floats(min_value=1e-12, max_value=1e12, allow_nan=False)
_scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _numbers | texts
_names = st.sampled_from(
    ["learning_rate", "model.hidden_size", "data.max_length", "lora.r", "var.x", "no", "on", "name", "id"]
)
_options = st.dictionaries(st.sampled_from(["seed", "n", "multivariate", "off"]), _scalars, max_size=2)


def _choice(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"name": st.sampled_from(names), "options": _options})


@st.composite
def _row(draw: st.DrawFn, name: str, earlier: list[str]) -> dict[str, Any]:
    when = None
    if draw(st.booleans()) and earlier:
        when = {"name": draw(st.sampled_from(earlier)), "values": draw(st.lists(_scalars, min_size=1, max_size=3))}
    row: dict[str, Any] = {"name": name, "when": when}
    match draw(st.sampled_from(["float", "int", "categorical"])):
        case "float":
            low, high = sorted([draw(_numbers), draw(_numbers)])
            return row | {"type": "float", "low": low, "high": high, "log": draw(st.booleans())}
        case "int":
            low, steps, step = draw(st.integers(1, 99)), draw(st.integers(0, 9)), draw(st.integers(1, 4))
            return row | {"type": "int", "low": low, "high": low + steps * step, "step": step}
        case _:
            choices = draw(
                st.lists(_scalars, min_size=1, max_size=4, unique_by=lambda value: (str(type(value)), value))
            )
            return row | {"type": "categorical", "choices": choices}


@st.composite
def spaces(draw: st.DrawFn) -> dict[str, Any]:
    """A space as JSON, good in its shape."""
    names = draw(st.lists(_names, max_size=6, unique=True))
    split = draw(st.integers(0, len(names)))
    rows = [draw(_row(name, names[:index])) for index, name in enumerate(names[:split])]
    derived: list[dict[str, Any]] = []
    sources = [row for row in rows if row["type"] == "categorical"]
    for name in names[split:]:
        if draw(st.booleans()) and sources:
            of = draw(st.sampled_from(sources))
            values = [draw(_scalars) for _ in of["choices"]]
            derived.append({"type": "lookup", "name": name, "of": of["name"], "values": values})
        else:
            derived.append({"type": "formula", "name": name, "formula": draw(texts.filter(bool))})
    return {"parameters": rows, "derived": derived}


_optuna = st.fixed_dictionaries(
    {
        "name": st.just("optuna"),
        "sampler": _choice("tpe", "random"),
        "pruner": _choice("none", "median"),
        "terminator": st.none() | _choice("regret"),
        "fixed": st.dictionaries(_names, _scalars, max_size=2),
    }
)
_ray = st.fixed_dictionaries(
    {
        "name": st.just("ray"),
        "search": _choice("random", "hyperopt"),
        "scheduler": _choice("none", "pbt"),
        "cpus": _numbers,
        "gpus": st.just(0.0) | _numbers,
        "mutations": st.lists(_names, max_size=2),
        "address": st.none() | st.just("ray://host:10001"),
    }
)
_wandb = st.fixed_dictionaries(
    {
        "name": st.just("wandb"),
        "server": st.sampled_from(["hpweb", "wandb"]),
        "method": st.sampled_from(["random", "grid", "bayes"]),
        "early_terminate": _choice("none", "hyperband"),
        "project": st.none() | st.sampled_from(["no", "1e5", "rates"]),
        "sweep_name": st.none() | texts,
    }
)
_objective = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["eval_loss", "eval_f1"]),
        "direction": st.sampled_from(["minimize", "maximize"]),
        "over": st.sampled_from(["last", "best"]),
    }
)
_weighted = st.fixed_dictionaries(
    {
        "metric": st.just("weighted_sum"),
        "direction": st.just("maximize"),
        "weights": st.dictionaries(st.sampled_from(["eval_loss", "eval_f1"]), _numbers, min_size=1),
    }
)
_lora = st.fixed_dictionaries(
    {
        "r": st.integers(1, 64),
        "alpha": st.integers(1, 64),
        "dropout": st.floats(0, 0.9),
        "target_modules": st.lists(st.sampled_from(["query", "on"]), max_size=2),
    }
)
_counts = st.integers(1, 9)
_requirements = st.fixed_dictionaries(
    {
        "gpus": st.integers(0, 4),
        "gpu_memory_gb": st.none() | st.floats(0.5, 80),
        "labels": st.lists(st.sampled_from(["no", "a100", "lab"]), max_size=2),
        "runner": st.sampled_from(["", "AbCdEfGh1234"]),
    }
)


def drafts() -> st.SearchStrategy[Draft]:
    """Drafts that need not be able to start."""
    values = _scalars | st.lists(_scalars, max_size=3) | st.dictionaries(texts, _scalars, max_size=2)
    return st.fixed_dictionaries(
        {
            "space": st.none() | spaces(),
            "objectives": st.lists(_objective | _weighted, max_size=2),
            "lora": st.none() | _lora,
            "backend": _optuna | _ray | _wandb,
            "budget": st.fixed_dictionaries(
                {
                    "n_trials": st.none() | _counts,
                    "timeout_s": st.none() | _numbers,
                    "max_failed_trials": st.none() | _counts,
                }
            ),
            "arguments": st.dictionaries(
                st.sampled_from(["eval_strategy", "logging_steps", "lr_scheduler_kwargs"]), values
            ),
            "data_settings": st.dictionaries(st.sampled_from(["max_length", "off"]), _scalars),
            "seed": st.integers(0, 2**32 - 1),
            "sampler_seed": st.integers(0, 2**32 - 1),
            "threads": _counts,
            "children": _counts | st.just("auto"),
            "max_children": st.none() | _counts,
            "processes": _counts,
            "report_to": st.lists(st.sampled_from(["wandb", "mlflow"]), max_size=2, unique=True),
            "keep_best": st.booleans(),
            "requirements": _requirements,
            "checkpoints": st.sampled_from(
                [{"every": "off"}, {"every": "evaluation"}, {"every": "steps", "steps": 50}]
            ),
        }
    ).map(Draft.model_validate)
