"""Sweeps out of sight, and sweeps out of the world."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from runners.protocol.states import SweepState
from sweeps.access import may_change
from sweeps.models import Artifact, StoredFolder, Sweep
from sweeps.queries.room import LIVE
from sweeps.services.acts import note
from sweeps.services.artifacts import remove_artifact
from sweeps.services.control import NotNow
from sweeps.services.locking import lock_sweep
from sweeps.services.wanted import is_over
from sweeps.validation.problems import Problem, refuse
from teams.models import User


@transaction.atomic
def archive_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """Out of the team's list; everything stays. Again: no effect. NotNow while it is under way."""
    sweep = lock_sweep(sweep.pk)
    if sweep.archived_at is not None:
        return sweep
    if not is_over(sweep) and sweep.state != SweepState.DRAFT.value:
        raise NotNow("The sweep is under way. Stop or cancel it before it is archived.")
    sweep.archived_at = timezone.now()
    sweep.save(update_fields=["archived_at"])
    note(sweep, "archived", user=user)
    return sweep


@transaction.atomic
def restore_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """Back into the list. Again: no effect."""
    sweep = lock_sweep(sweep.pk)
    if sweep.archived_at is not None:
        sweep.archived_at = None
        sweep.save(update_fields=["archived_at"])
        note(sweep, "restored", user=user)
    return sweep


def delete_sweep(*, sweep: Sweep, user: User, name: str) -> None:
    """Take the sweep away with its trials, curves, logs, and files that nothing else names.

    `name`: as typed by the person, who must be its maker, an admin or an owner (PermissionDenied). NotNow while a runner
    is on it, `Invalid` when the name is another.
    """
    with transaction.atomic():
        sweep = lock_sweep(sweep.pk)
        if not may_delete(sweep, user):
            raise PermissionDenied("Only who made the sweep, or an admin or owner of the team, can delete it.")
        if sweep.state in {SweepState.QUEUED.value, SweepState.RUNNING.value}:
            raise NotNow("The sweep is under way. Cancel it first.")
        if sweep.jobs.filter(state__in=LIVE).exists():
            raise NotNow("A runner is still ending the sweep's last trials. Try again in a moment.")
        if name.strip() != sweep.name.strip():
            refuse([Problem("name", f"Type the sweep's name, {sweep.name}, to delete it.")])
        hashes = _files(sweep)
        team = sweep.team
        StoredFolder.objects.filter(team=team, kind="model", key__startswith=f"{sweep.public_id}-").delete()
        # The sweep points at its best trials, which go with it.
        Sweep.objects.filter(pk=sweep.pk).update(best_trial=None, model_trial=None, model_folder=None)
        sweep.delete()
    for artifact in Artifact.objects.filter(team=team, sha256__in=hashes).select_related("team"):
        remove_artifact(artifact=artifact)


def may_delete(sweep: Sweep, user: User) -> bool:
    """Whether the sweep is this person's to delete."""
    return may_change(user, sweep)


def _files(sweep: Sweep) -> set[str]:
    """Hashes of the files of its models and of its data."""
    folders = StoredFolder.objects.filter(team=sweep.team, kind="model", key__startswith=f"{sweep.public_id}-")
    hashes = {str(file["sha256"]) for files in folders.values_list("files", flat=True) for file in files}
    data = (sweep.spec or {}).get("data") or {}
    return hashes | {str(data[split]["sha256"]) for split in ("train", "eval") if isinstance(data.get(split), dict)}
