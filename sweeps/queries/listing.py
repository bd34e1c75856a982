"""The team's sweeps as a list."""

from django.db.models import Count, Q, QuerySet

from runners.protocol.states import COUNTED_TRIAL
from runners.queries import runner_counts
from sweeps.models import Dataset, Model, SearchSpace, Sweep
from teams.models import Team

LATEST = 10


def listed_sweeps(*teams: Team, archived: bool = False) -> QuerySet[Sweep]:
    """The teams' sweeps, the newest first, each with `counted_trials`: those that count towards `n_trials`.

    `archived`: those that were put into the archive, and no others.
    """
    counted = Count("trials", filter=Q(trials__state__in=[state.value for state in COUNTED_TRIAL]))
    return (
        Sweep.objects.filter(team__in=teams, archived_at__isnull=not archived)
        .select_related("created_by", "model", "dataset_version__dataset", "best_trial")
        .defer("draft")
        .annotate(counted_trials=counted)
        .order_by("-created_at", "-pk")
    )


def home_counts(team: Team) -> dict[str, int]:
    """`{"sweeps", "models", "datasets", "spaces", "runners_online", "runners"}` of the team."""
    return {
        "sweeps": Sweep.objects.filter(team=team, archived_at=None).count(),
        "models": Model.objects.filter(team=team).count(),
        "datasets": Dataset.objects.filter(team=team).count(),
        "spaces": SearchSpace.objects.filter(team=team).count(),
        **runner_counts(team),
    }
