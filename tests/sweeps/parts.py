"""Parts of a sweep that fit each other: a tiny BERT, a data set version of two labels, a space."""

from itertools import count
from typing import Any

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace, Sweep
from sweeps.services.drafts import save_draft
from sweeps.validation.draft import Draft
from teams.models import Team, User

_counter = count(1)

BERT: dict[str, Any] = {
    "source": "config",
    "model_type": "bert",
    "fields": {"hidden_size": 64, "num_attention_heads": 2, "num_hidden_layers": 1},
}
TOKENIZER: dict[str, Any] = {"source": "trained", "algorithm": "wordpiece", "vocab_size": 500, "lowercase": True}
ROWS: list[dict[str, Any]] = [
    {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2, "log": True, "step": None},
    {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16]},
]
DRAFT = Draft.model_validate(
    {
        "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
        "budget": {"n_trials": 8},
        "arguments": {"eval_strategy": "epoch", "num_train_epochs": 2},
    }
)


def make_model(team: Team, task: str = "text-classification", **fields: Any) -> Model:
    values = {"name": f"Model {next(_counter)}", "source": BERT, "processor": TOKENIZER, **fields}
    return Model.objects.create(team=team, task=task, **values)


def make_version(team: Team, task: str = "text-classification") -> DatasetVersion:
    dataset = Dataset.objects.create(team=team, name=f"Data {next(_counter)}", task=task)
    file = {"sha256": "a" * 64, "size": 10, "rows": 5}
    spec = {"source": "artifact", "digest": "d" * 64, "train": file, "eval": file, "labels": ["no", "yes"]}
    return DatasetVersion.objects.create(dataset=dataset, number=1, digest="d" * 64, spec=spec)


def make_space(team: Team, rows: list[dict[str, Any]] | None = None, task: str = "") -> SearchSpace:
    space = {"parameters": ROWS if rows is None else rows}
    return SearchSpace.objects.create(team=team, name=f"Space {next(_counter)}", space=space, task=task)


def make_draft(team: Team, user: User, draft: Draft = DRAFT, **changes: Any) -> Sweep:
    """A draft that can start, but for `changes` of its parts."""
    parts: dict[str, Any] = {
        "model": make_model(team),
        "dataset_version": make_version(team),
        "space": make_space(team),
        **changes,
    }
    return save_draft(team=team, user=user, name=f"Draft {next(_counter)}", draft=draft, **parts)
