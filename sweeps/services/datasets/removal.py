"""Taking a data set away."""

from django.db import transaction

from runners.protocol.states import FINISHED_SWEEP, SweepState
from sweeps.models import Artifact, Dataset, Sweep
from sweeps.services.artifacts import remove_artifact
from sweeps.validation.problems import Invalid, Problem


def delete_dataset(*, dataset: Dataset) -> None:
    """Take a data set and its versions away. Raises `Invalid` while an unfinished sweep uses it.

    Started sweeps keep their frozen spec and the files it names; drafts lose the choice.
    """
    with transaction.atomic():
        busy = busy_sweeps(dataset)
        if busy:
            names = ", ".join(repr(sweep.name) for sweep in busy[:3]) + (
                f" and {len(busy) - 3} more" if len(busy) > 3 else ""
            )
            raise Invalid(
                [Problem("", f"{names} still use{'s' if len(busy) == 1 else ''} it. Stop the sweep first, or wait.")]
            )
        artifacts = list(Artifact.objects.filter(dataset_versions__dataset=dataset).select_related("team").distinct())
        dataset.delete()
    for artifact in artifacts:
        remove_artifact(artifact=artifact)


def busy_sweeps(dataset: Dataset) -> list[Sweep]:
    """Sweeps that have started and not ended, on any version of the data set."""
    ended = {SweepState.DRAFT.value, *(state.value for state in FINISHED_SWEEP)}
    return list(Sweep.objects.filter(dataset_version__dataset=dataset).exclude(state__in=ended))
