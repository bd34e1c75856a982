"""A data set of the Hugging Face Hub: named here, loaded by the runner."""

import re
from typing import Final

from django.db import transaction

from runners.protocol.spec import HubData
from sweeps.models import Dataset, DatasetVersion
from sweeps.services.datasets.canonical import json_digest
from sweeps.services.datasets.versions import NewVersion, create_dataset, keep_version
from sweeps.validation.naming import check_name
from sweeps.validation.problems import Invalid, Problem, refuse
from teams.models import Team, User

_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


def check_hub(data: HubData) -> list[Problem]:
    """What can be known without asking the Hub."""
    problems = []
    if not _ID.fullmatch(data.id) or ".." in data.id or "--" in data.id:
        problems.append(Problem("id", f"{data.id!r} is no data set id. Write it as on the Hub: owner/name."))
    problems += [
        Problem(name, "Name it as on the Hub.")
        for name in ("train_split", "input_column", "label_column")
        if not getattr(data, name).strip()
    ]
    if data.eval_split is not None and data.eval_split == data.train_split:
        problems.append(
            Problem(
                "eval_split", "Training and evaluation can't use the same split. Leave it empty to draw a fraction."
            )
        )
    if data.input_column == data.label_column:
        problems.append(
            Problem("label_column", "The input and the label can't be the same column. Choose another one.")
        )
    return problems


def create_hub_version(
    *,
    team: Team,
    user: User | None,
    task: str,
    data: HubData,
    name: str = "",
    description: str = "",
    dataset: Dataset | None = None,
) -> DatasetVersion:
    """Keep a Hub id as the next version of `dataset`, or as a new data set's first. Raises `Invalid`."""
    problems = check_hub(data)
    if dataset is None:
        problems += check_name(Dataset, team, name)
    elif dataset.task != task:
        raise Invalid([Problem("task", f"The data set is for {dataset.get_task_display().lower()}. Keep its task.")])
    refuse(problems)
    if data.eval_split is not None:
        # What is drawn from nothing is not part of the version.
        data = data.model_copy(update={"eval_fraction": 0.2, "split_seed": 0})
    spec = data.model_dump(mode="json")
    version = NewVersion(json_digest(spec), data, [], {})
    with transaction.atomic():
        kept_in = dataset or create_dataset(team=team, user=user, name=name, task=task, description=description)
        return keep_version(dataset=kept_in, user=user, version=version, origin={"source": "hub", "id": data.id})
