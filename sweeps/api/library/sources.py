"""Where the rows of a new data set version come from, and how they become one."""

from typing import Annotated, Any, Literal

from django.http import Http404
from pydantic import Field

from runners.protocol.base import Message, Scalar
from runners.protocol.spec import HubData
from sweeps.access import get_upload
from sweeps.models import Dataset, DatasetVersion, Upload
from sweeps.services.datasets import (
    BadData,
    create_hub_version,
    create_package_dataset,
    create_upload_version,
    load_table,
)
from sweeps.services.datasets.mapping import Mapping, SplitChoice
from sweeps.services.datasets.propose import describe, propose
from sweeps.services.datasets.roles import LAYOUTS, layouts_of
from sweeps.validation.problems import Invalid, Problem
from teams.models import Team, User

Share = Annotated[float, Field(gt=0, lt=1)]
DrawSeed = Annotated[int, Field(ge=0, lt=2**32)]


class Split(Message):
    """`fraction`: drawn by `seed`. `column`: the rows with these two values of a column. `file`: a second upload."""

    by: Literal["fraction", "column", "file"] = "fraction"
    eval_fraction: Share = 0.2
    seed: DrawSeed = 0
    column: str = ""
    train_value: str = ""
    eval_value: str = ""


class FromUpload(Message):
    """A file that was uploaded. `task`, `layout`, `columns` (role → column of the file) and `split` may be left out: then
    what the columns look like decides, see `uploads/<id>/columns/`."""

    source: Literal["upload"] = "upload"
    upload: str
    eval_upload: str | None = None
    task: str = ""
    layout: str = ""
    columns: dict[str, str] | None = None
    separator: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    drop_incomplete: bool = False
    split: Split | None = None


class FromPackage(Message):
    """Data that one of the server's packages carries."""

    source: Literal["package"] = "package"
    key: str
    options: dict[str, Scalar | list[Scalar]] = {}
    eval_fraction: Share = 0.2
    split_seed: DrawSeed = 0


class FromHub(HubData):
    """A data set of the Hugging Face Hub, which runners load."""

    task: str = ""


Source = Annotated[FromUpload | FromPackage | FromHub, Field(discriminator="source")]


def make_version(
    *, team: Team, user: User, source: Source, dataset: Dataset | None = None, name: str = "", description: str = ""
) -> DatasetVersion:
    """The next version of `dataset`, or a new data set's first. Raises `Invalid` with the paths of the source."""
    named: dict[str, Any] = {"dataset": dataset, "name": name, "description": description}
    try:
        match source:
            case FromUpload():
                return _from_upload(user, source, named)
            case FromPackage():
                return create_package_dataset(
                    team=team,
                    user=user,
                    key=source.key,
                    eval_fraction=source.eval_fraction,
                    split_seed=source.split_seed,
                    options=source.options,
                    **named,
                )
            case _:
                data = HubData.model_validate(source.model_dump(exclude={"task"}))
                task = source.task or (dataset.task if dataset else "")
                _check_task(task)
                return create_hub_version(team=team, user=user, task=task, data=data, **named)
    except BadData as error:
        raise Invalid([Problem(_path(error.field, source), error.message)]) from None


def proposed(upload: Upload, task: str = "", layout: str = "") -> Mapping:
    """The likeliest mapping of a finished upload. Raises `BadData`."""
    table = load_table(upload=upload)
    return propose(table, describe(table), task=task, layout=layout)


def _from_upload(user: User, source: FromUpload, named: dict[str, Any]) -> DatasetVersion:
    upload = _upload(user, "upload", source.upload)
    second = _upload(user, "eval_upload", source.eval_upload) if source.eval_upload else None
    dataset: Dataset | None = named["dataset"]
    _check_layout(source)
    guess = proposed(upload, source.task or (dataset.task if dataset else ""), source.layout)
    chosen = SplitChoice(by="file") if second else guess.split
    if source.split is not None:
        chosen = SplitChoice(**source.split.model_dump())
    mapping = Mapping(
        layout=guess.layout,
        columns=guess.columns if source.columns is None else source.columns,
        separator=source.separator or guess.separator,
        drop_incomplete=source.drop_incomplete,
        split=chosen,
    )
    return create_upload_version(user=user, upload=upload, mapping=mapping, eval_upload=second, **named)


def _upload(user: User, name: str, public_id: str) -> Upload:
    try:
        return get_upload(user, public_id)
    except Http404:
        raise Invalid([Problem(name, "You have no such upload: give the id that the upload was given.")]) from None


def _check_layout(source: FromUpload) -> None:
    if source.task:
        _check_task(source.task)
    if source.layout and source.layout not in LAYOUTS:
        raise Invalid([Problem("layout", f"There is no such layout. Choose one of {', '.join(LAYOUTS)}.")])
    if source.task and source.layout and LAYOUTS[source.layout].task != source.task:
        raise Invalid(
            [Problem("layout", f"This layout is for {LAYOUTS[source.layout].task}: leave one of the two out.")]
        )
    if source.task and not layouts_of(source.task):
        raise Invalid([Problem("task", "Files can't be mapped for this task. Name a data set of the Hub.")])


def _check_task(task: str) -> None:
    from sweeps.models.library import task_choices

    known = [name for name, _ in task_choices()]
    if task not in known:
        raise Invalid([Problem("task", f"Choose a task: {', '.join(known)}.")])


def _path(field: str, source: Source) -> str:
    """The path in the source of a field of the page's forms."""
    fixed = {
        "file": "upload",
        "eval_file": "eval_upload",
        "split_column": "split.column",
        "train_value": "split.train_value",
        "eval_value": "split.eval_value",
        "key": "key",
    }
    if field in fixed or not field:
        return fixed.get(field, "")
    if isinstance(source, FromPackage):
        return f"options.{field}"
    layouts = [LAYOUTS[source.layout]] if isinstance(source, FromUpload) and source.layout else LAYOUTS.values()
    role = next((role for layout in layouts for role in layout.roles if role.field == field), None)
    return f"columns.{role.name}" if role else field
