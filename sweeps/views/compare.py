"""Trials of any sweeps side by side. Whole without a script."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from sweeps.access import may_write_in, reachable_trials
from sweeps.models import Comparison, Trial
from sweeps.queries.compare.address import MOST, Asked, Ref, read_asked, written
from sweeps.queries.compare.guard import guard
from sweeps.queries.compare.rows import table
from sweeps.queries.compare.trials import compared
from sweeps.views.basket import kept

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def compare(request: "TeamRequest") -> HttpResponse:
    """`?trials=<sweep>:<number>,…`, the first is the base; without: the basket. 404 with words where one of them is out of reach."""
    asked = read_asked(request.GET.dict())
    if not asked.refs and not asked.odd:
        basket = kept(request)
        there = reachable_trials(request.user, basket)
        if there:
            return redirect(f"{request.path}?{Asked(refs=tuple(ref for ref in basket if ref in there)).query()}")
    found = reachable_trials(request.user, asked.refs)
    missing = [*(str(ref) for ref in asked.refs if ref not in found), *asked.odd]
    if missing:
        rest = asked.query(refs=tuple(ref for ref in asked.refs if ref in found))
        return render(request, "compare/missing.html", {"missing": missing, "rest": rest, "any": found}, status=404)
    return shown(request, asked, found, {})


def shown(
    request: "TeamRequest", asked: Asked, found: Mapping[tuple[str, int], Trial], more: dict[str, Any]
) -> HttpResponse:
    """The page of these trials, in their order. `more`: of a comparison that was saved."""
    asked = replace(asked, refs=tuple(ref for ref in asked.refs if ref in found))
    sides = compared([found[ref] for ref in asked.refs])
    basket = kept(request)
    context: dict[str, Any] = {
        "asked": asked,
        "query": asked.query(),
        "sides": [(side, *_links(asked, side.ref)) for side in sides],
        "table": table(sides, hide=asked.hide) if sides else None,
        "verdict": guard(sides),
        "several": len({side.sweep.pk for side in sides}) > 1,
        "turned": asked.query(hide=not asked.hide),
        "most": MOST,
        "sweeps_written": ",".join(dict.fromkeys(side.sweep.public_id for side in sides)),
        "trials_written": written(asked.refs),
        "first_metric": asked.metric or next((metric for side in sides for metric, _ in side.objectives), ""),
        "basket": basket,
        "outside": written(ref for ref in asked.refs if ref not in basket),
        "can_save": bool(sides) and may_write_in(request.user, sides[0].sweep.team),
        "any_saved": Comparison.objects.filter(team__memberships__user=request.user.pk).exists(),
        **more,
    }
    return render(request, "compare/compare.html", context)


def _links(asked: Asked, ref: Ref) -> tuple[str, str]:
    """Queries: with this trial as the base, and without it."""
    return asked.based_on(ref), asked.without(ref)
