"""The search itself: everything in the teams that a person can reach, kind by kind."""

from collections.abc import Sequence

from sweeps.queries.find.asked import Looked
from sweeps.queries.find.hits import Found
from sweeps.queries.find.things import comparisons, datasets, models, runners, spaces, sweeps
from sweeps.queries.find.trials import trials
from teams.models import Team


def everything(teams: Sequence[Team], looked: Looked, most: int) -> list[Found]:
    """What fits, `most` of each kind; kinds of which there is nothing are left out.

    Values of parameters are in trials only: words beside them say in which sweeps to look.
    """
    if not looked or not teams:
        return []
    if looked.pairs:
        found = [trials(teams, looked, most)]
    else:
        kinds = (models, datasets, spaces, runners, comparisons)
        found = [
            sweeps(teams, looked.words, most),
            trials(teams, looked, most),
            *(kind(teams, looked.words, most) for kind in kinds),
        ]
    return [kind for kind in found if kind.hits]
