"""What people want of one trial: stop it, prune it, take it out of the queue."""

from django.db import transaction
from django.utils import timezone

from runners.protocol.script import is_script
from runners.protocol.states import TrialState
from sweeps.models import Attempt, Sweep, Trial
from sweeps.services.acts import note
from sweeps.services.control import NotNow, wake_runners
from sweeps.services.finish import settle
from sweeps.services.locking import lock_sweep
from sweeps.services.outcome import is_finished
from sweeps.services.places import took_a_place
from sweeps.services.publish import Change
from teams.models import User

NO_ORDERS = "The trial runs in a person's own script, which hpweb can't reach into. End it there, or cancel the sweep."


@transaction.atomic
def stop_trial(*, trial: Trial, user: User | None) -> Trial:
    """End a running trial now; it is complete with its value so far. Again: no effect. NotNow when it does not run."""
    sweep, trial = lock_trial(trial)
    if trial.state == TrialState.WAITING.value:
        raise NotNow(f"Trial {trial.number} has not begun, so it has no value to keep. Remove it instead.")
    return _order(sweep, trial, "stop", user)


@transaction.atomic
def prune_trial(*, trial: Trial, user: User | None) -> Trial:
    """End a running trial now, as pruned. One that waits is removed: see `remove_trial`."""
    sweep, trial = lock_trial(trial)
    if trial.state == TrialState.WAITING.value:
        return _remove(sweep, trial, user)
    return _order(sweep, trial, "prune", user)


@transaction.atomic
def remove_trial(*, trial: Trial, user: User | None) -> Trial:
    """Cancel a trial that waits: it does not count. Its place goes to another one, unless it was made for this trial."""
    sweep, trial = lock_trial(trial)
    if trial.state != TrialState.WAITING.value:
        raise NotNow(f"Trial {trial.number} does not wait ({trial.state}), so it can't be removed.")
    return _remove(sweep, trial, user)


def lock_trial(trial: Trial) -> tuple[Sweep, Trial]:
    """The trial's sweep, locked, and the trial, fresh."""
    sweep = lock_sweep(trial.sweep_id)
    return sweep, Trial.objects.get(pk=trial.pk)


def newest_attempt(trial: Trial) -> Attempt | None:
    """The trial's newest attempt that began, as its row needs it."""
    return Attempt.objects.filter(trial=trial).select_related("job__runner").order_by("-index").first()


def _order(sweep: Sweep, trial: Trial, act: str, user: User | None) -> Trial:
    if is_finished(trial):
        raise NotNow(f"Trial {trial.number} has ended ({trial.state}), so there is nothing to {act}.")
    if is_script(sweep.spec):
        raise NotNow(NO_ORDERS)
    if trial.order == act:
        return trial
    trial.order = act
    trial.save(update_fields=["order"])
    note(sweep, f"trial {act}", user=user, number=trial.number)
    change = Change(sweep)
    change.trial(trial, newest_attempt(trial))
    wake_runners(sweep)
    change.publish()
    return trial


def _remove(sweep: Sweep, trial: Trial, user: User | None) -> Trial:
    change = Change(sweep)
    if trial.granted_to_id is not None:
        # Its permit is out: should a child begin it, it is told to end.
        trial.order = "prune"
    trial.state = TrialState.CANCELLED.value
    trial.finished_at = timezone.now()
    trial.save(update_fields=["order", "state", "finished_at"])
    if took_a_place(sweep, trial):
        sweep.n_trials -= 1
        sweep.save(update_fields=["n_trials"])
    note(sweep, "trial removed", user=user, number=trial.number)
    change.trial(trial, newest_attempt(trial))
    settle(change)
    wake_runners(sweep)
    change.publish()
    return trial
