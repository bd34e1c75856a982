"""The basket: trials that a person has put aside to compare, in their session, whichever sweep they are of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from sweeps.access import get_sweep, get_sweeps, reachable_trials
from sweeps.models import Sweep
from sweeps.queries.compare.address import MOST, Asked, Ref, read_refs
from sweeps.queries.pareto import pareto_numbers
from sweeps.queries.table.ranges import read_ranges
from sweeps.views.trials_part import back_to

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

KEY: Final = "compare"
"""Where the session holds them, as `<sweep>:<number>`. The navigation shows how many there are."""
BEST_OF_ONE: Final = 5
"""Of a Pareto set so many are taken."""


def kept(request: "TeamRequest") -> list[Ref]:
    """What is in the basket, in the order in which it was put there."""
    return read_refs(",".join(request.session.get(KEY, ())))[0]


@require_POST
def basket(request: "TeamRequest") -> HttpResponse:
    """`add` and `remove`: trials as in an address. `clear`: all out. Then to `back`. What is out of reach is not put in."""
    add, _ = read_refs(",".join(request.POST.getlist("add")))
    remove, _ = read_refs(",".join(request.POST.getlist("remove")))
    before = [] if request.POST.get("clear") else [ref for ref in kept(request) if ref not in remove]
    _put(request, before, add)
    back = request.POST.get("back", "")
    return HttpResponseRedirect(
        back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else reverse("compare:page")
    )


@require_POST
def chosen(request: "TeamRequest", public_id: str) -> HttpResponse:
    """The chosen rows of a sweep's table: to their comparison, or with `keep` into the basket and back."""
    sweep = get_sweep(request.user, public_id)
    back = HttpResponseRedirect(back_to(sweep, request.POST.get("back", "")))
    refs = [Ref(public_id, number) for number in sorted(read_ranges(request.POST.getlist("numbers")))]
    if not refs:
        messages.warning(request, "Choose one or more trials first, then what is to be done with them.")
        return back
    if request.POST.get("keep"):
        _put(request, kept(request), refs[: MOST + 1])
        return back
    if len(refs) > MOST:
        messages.warning(request, f"{len(refs)} trials are chosen: the first {MOST} are compared.")
    return _to(refs)


@require_POST
def best(request: "TeamRequest") -> HttpResponse:
    """The best trial of each chosen sweep, or some of its Pareto set."""
    sweeps = get_sweeps(request.user, request.POST.getlist("ids"))
    refs = [ref for sweep in sweeps for ref in _best_of(sweep)]
    if not refs:
        words = "None of the chosen sweeps has a best trial yet." if sweeps else "Choose one or more sweeps first."
        messages.warning(request, words)
        return redirect("sweeps:list")
    without = [sweep.name for sweep in sweeps if sweep.public_id not in {ref.sweep for ref in refs}]
    if without:
        messages.warning(request, f"No best trial yet: {', '.join(without)}.")
    return _to(refs)


def _best_of(sweep: Sweep) -> list[Ref]:
    numbers = pareto_numbers(sweep)[:BEST_OF_ONE] or ([sweep.best_trial.number] if sweep.best_trial else [])
    return [Ref(sweep.public_id, number) for number in numbers]


def _put(request: "TeamRequest", before: list[Ref], add: list[Ref]) -> None:
    """Keep both, each once, as many as can be compared at once."""
    reached = reachable_trials(request.user, add)
    whole = list(dict.fromkeys([*before, *(ref for ref in add if ref in reached)]))
    request.session[KEY] = [str(ref) for ref in whole[:MOST]]
    if len(whole) > MOST:
        messages.warning(request, f"The basket is full: {MOST} trials are compared at once.")
    elif reached:
        count = len(reached)
        messages.success(request, f"{count} trial{'' if count == 1 else 's'} put into the basket, {len(whole)} in it.")


def _to(refs: Iterable[Ref]) -> HttpResponse:
    """The comparison's address, which names every trial, up to what is compared at once."""
    return HttpResponseRedirect(f"{reverse('compare:page')}?{Asked(refs=tuple(refs)[:MOST]).query()}")
