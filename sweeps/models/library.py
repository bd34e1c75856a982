"""The team's library: the reusable parts of a sweep."""

from django.db import models

from runners.protocol.catalogue import catalogue
from sweeps.models.artifact import Artifact
from teams.ids import PublicIdModel
from teams.models import Team, User


def task_choices() -> list[tuple[str, str]]:
    """All tasks of the catalogue, those of other packages too."""
    return [(task.name, task.label) for task in catalogue().tasks]


class LibraryObject(PublicIdModel):
    """What every object of the library has."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="%(class)s_name_once")]

    def __str__(self) -> str:
        return self.name


class Model(LibraryObject):
    """Where weights come from. `source` and `processor` are the protocol's `ModelSource` and `ProcessorSource` as JSON."""

    task = models.CharField(max_length=60, choices=task_choices)
    source = models.JSONField()
    processor = models.JSONField()

    class Meta(LibraryObject.Meta):
        pass


class Dataset(LibraryObject):
    """A named data set of a task. What is trained on is one of its versions."""

    task = models.CharField(max_length=60, choices=task_choices)

    class Meta(LibraryObject.Meta):
        pass


class DatasetVersion(PublicIdModel):
    """Immutable: the rows, their order, the split and the labels, named by `digest`.

    `spec` is the protocol's `DataSource`. `origin` says how it was made (file name, columns, split, seed). `preview` holds the first rows,
    `summary` counts and the label distribution: `{"train": {"rows", "labels": {label: count}}, "eval": {…}}`.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    spec = models.JSONField()
    origin = models.JSONField(default=dict)
    preview = models.JSONField(default=list)
    summary = models.JSONField(default=dict)
    artifacts = models.ManyToManyField(Artifact, related_name="dataset_versions")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["dataset", "digest"], name="version_digest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class SearchSpace(LibraryObject):
    """Rows of parameters: the protocol's `SearchSpace` as JSON."""

    task = models.CharField(max_length=60, choices=task_choices, blank=True, help_text="Empty: for any task.")
    space = models.JSONField()

    class Meta(LibraryObject.Meta):
        pass
