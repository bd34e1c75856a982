"""Early termination: which running trials of a sweep end now."""

from runners.optimizers.wandb_choices import HYPERBAND, early_options
from runners.optimizers.wandb_hyperband import Hyperband
from runners.protocol.backends import AnyBackend, WandbBackend
from sweeps.models import Sweep, Trial
from sweeps.services.figures import finite
from sweeps.wandb.specs import backend_of, direction_of


def hyperband(backend: AnyBackend, direction: str) -> Hyperband | None:
    """The sweep's Hyperband, or None when nothing ends early. ValueError for options that make no brackets."""
    if not isinstance(backend, WandbBackend) or backend.early_terminate.name != HYPERBAND:
        return None
    return Hyperband(early_options(backend.early_terminate), direction)


def ends_early(sweep: Sweep, number: int) -> bool:
    """Whether the trial is to end now, given what all trials of the sweep have reported."""
    band = hyperband(backend_of(sweep), direction_of(sweep))
    if band is None:
        return False
    histories: dict[int, list[float]] = {}
    for known, intermediate in Trial.objects.filter(sweep=sweep).values_list("number", "intermediate"):
        values = [finite(value) for _, _, value in intermediate]
        histories[known] = [value for value in values if value is not None]
    return band.stops(number, histories)
