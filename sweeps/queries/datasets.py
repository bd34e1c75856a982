"""What the pages of data sets show."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from django.db.models import Count, Prefetch, QuerySet

from sweeps.models import Dataset, DatasetVersion, Sweep
from teams.models import Team

SINGLE_LABEL: Final = frozenset({"text-classification", "image-classification", "audio-classification"})
"""Tasks whose rows have one label each: their draws are stratified."""


class LabelRow(TypedDict):
    """A label with its rows in both splits, and their sum."""

    label: str
    train: int
    eval: int
    rows: int


def datasets_of(team: Team) -> QuerySet[Dataset]:
    """The team's data sets by name; each has `made` (versions), `used` (sweeps) and its versions, newest first."""
    versions = DatasetVersion.objects.order_by("-number").defer("preview", "origin")
    return (
        Dataset.objects.filter(team=team)
        .annotate(made=Count("versions", distinct=True), used=Count("versions__sweeps", distinct=True))
        .prefetch_related(Prefetch("versions", queryset=versions))
        .order_by("name")
    )


def versions_of(dataset: Dataset) -> QuerySet[DatasetVersion]:
    """The versions, newest first, each with `used` (sweeps)."""
    versions = DatasetVersion.objects.filter(dataset=dataset).select_related("created_by")
    return versions.annotate(used=Count("sweeps")).order_by("-number").defer("preview")


def sweeps_with(dataset: Dataset) -> QuerySet[Sweep]:
    """The last ten sweeps on any version of the data set."""
    return Sweep.objects.filter(dataset_version__dataset=dataset).order_by("-created_at")[:10]


def label_rows(summary: Mapping[str, Any]) -> list[LabelRow]:
    """A version's labels in order, from its summary; none when a runner loads the data."""
    if not summary:
        return []
    train, evaluation = summary["train"]["labels"], summary["eval"]["labels"]
    return [
        {"label": label, "train": train[label], "eval": evaluation[label], "rows": train[label] + evaluation[label]}
        for label in train
    ]


def most_rows(summary: Mapping[str, Any]) -> int:
    """The rows of the most frequent label: what bars are measured by."""
    return max((row["rows"] for row in label_rows(summary)), default=0)


def row_counts(summary: Mapping[str, Any]) -> tuple[int, int] | None:
    """Rows to train on and to evaluate on; None when a runner loads the data."""
    return (summary["train"]["rows"], summary["eval"]["rows"]) if summary else None


def origin_words(version: DatasetVersion) -> list[tuple[str, str]]:
    """How a version was made, as label and value."""
    origin, spec = version.origin, version.spec
    match origin.get("source"):
        case "upload":
            rows = [
                ("File", str(origin["file"]["name"])),
                ("Columns", _columns_words(origin)),
                ("Split", _split_words(origin["split"], version.dataset.task)),
            ]
            for name, words in (("dropped", "Incomplete rows left out"), ("left_out", "Rows of no split")):
                if origin.get(name):
                    rows.append((words, f"{origin[name]:,}"))
            return rows
        case "package":
            options = [(name, _option_words(value)) for name, value in origin["options"].items()]
            return [
                ("Package data", str(origin["key"])),
                *options,
                ("Split", _split_words(origin["split"], version.dataset.task)),
            ]
        case "hub":
            config, revision = spec.get("config"), spec.get("revision")
            split = (
                f"{spec['train_split']} and {spec['eval_split']}"
                if spec.get("eval_split")
                else f"{spec['eval_fraction']:.0%} of {spec['train_split']}, seed {spec['split_seed']}"
            )
            return [
                ("Hub id", str(spec["id"])),
                *([("Config", str(config))] if config else []),
                ("Revision", str(revision or "the default branch, as it is when a runner loads it")),
                ("Columns", _hub_columns(spec, version.dataset.task)),
                ("Split", split),
            ]
        case _:
            return []


def _columns_words(origin: Mapping[str, Any]) -> str:
    """The file's columns in the order of their roles. Versions of before there were roles name an input and a label."""
    columns = origin.get("columns") or {
        "input": origin.get("input_column", ""),
        "label": origin.get("label_column", ""),
    }
    return " → ".join(str(column) for column in columns.values())


def _hub_columns(spec: Mapping[str, Any], task: str) -> str:
    if task in SINGLE_LABEL:
        named = [spec["input_column"], *spec.get("columns", {}).values(), spec["label_column"]]
    else:
        named = list(spec.get("columns", {}).values())
    return " → ".join(map(str, named)) or "by the names that are usual for the task"


def _split_words(split: Mapping[str, Any], task: str) -> str:
    match split.get("by"):
        case "column":
            return f"column {split['column']}: {split['train_value']} and {split['eval_value']}"
        case "file":
            return f"evaluation rows from {split['file']['name']}"
        case _:
            return (
                f"{split['eval_fraction']:.3%}".replace(".000", "")
                + f" for evaluation, {'stratified, ' if task in SINGLE_LABEL else ''}seed {split['seed']}"
            )


def _option_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def draft_users(dataset: Dataset) -> int:
    """How many drafts use the data set: they would lose it."""
    return Sweep.objects.filter(dataset_version__dataset=dataset, state="draft").count()
