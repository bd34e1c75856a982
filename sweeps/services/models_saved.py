"""The best model, once its files are in the artifact store."""

from runners.protocol.events import ModelFile
from sweeps.models import Attempt, Job, StoredFolder
from sweeps.services.stored_files import check_files


def save_model(*, job: Job, attempt: Attempt, files: tuple[ModelFile, ...], path: str) -> StoredFolder:
    """Make the files the sweep's model. BadEvent below `path` when one of them was not uploaded, or has another size."""
    sweep = job.sweep
    check_files(team_id=sweep.team_id, files=files, path=f"{path}.files")
    folder, _ = StoredFolder.objects.update_or_create(
        team_id=sweep.team_id,
        kind="model",
        key=f"{sweep.public_id}-{attempt.trial.number}-{attempt.index}",
        defaults={"files": [file.model_dump() for file in files]},
    )
    sweep.model_folder = folder
    sweep.model_trial = attempt.trial
    sweep.save(update_fields=["model_folder", "model_trial"])
    return folder
