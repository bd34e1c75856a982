"""Tags, stars and notes from the pages. Each works by a plain form."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from sweeps.access import get_sweep, get_trial
from sweeps.models import TrialStar
from sweeps.queries.table.ranges import read_ranges
from sweeps.services.marks import add_tag, remove_tag, star_trials, trials_of, write_note
from sweeps.validation.problems import Invalid
from sweeps.views.trials_part import back_to
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_POST
def marks(request: "TeamRequest", public_id: str) -> HttpResponse:
    """`star=3` turns the star of trial 3; `mark` (tag, untag, star, unstar) is for the trials of `numbers`."""
    sweep = get_sweep(request.user, public_id, make=True)
    user = person(request)
    back = HttpResponseRedirect(back_to(sweep, request.POST.get("back", "")))
    one = read_ranges([request.POST.get("star", "")])
    if one:
        trials = trials_of(sweep, one)
        has = TrialStar.objects.filter(trial__in=trials).exists()
        star_trials(sweep=sweep, trials=trials, starred=not has, user=user)
        return back
    trials = trials_of(sweep, read_ranges(request.POST.getlist("numbers")))
    mark, tag = request.POST.get("mark", ""), request.POST.get("tag", "")
    if not trials:
        messages.warning(request, "Choose one or more trials first, then what is to be done with them.")
        return back
    try:
        match mark:
            case "tag":
                count = add_tag(sweep=sweep, trials=trials, name=tag, user=user)
            case "untag":
                count = remove_tag(sweep=sweep, trials=trials, name=tag, user=user)
            case _:
                count = star_trials(sweep=sweep, trials=trials, starred=mark == "star", user=user)
    except Invalid as refused:
        messages.warning(request, refused.errors()[0].message)
    else:
        said = {"tag": f"Tagged as {tag.strip()}", "untag": f"Took the tag {tag.strip()} from", "star": "Starred"}
        messages.success(request, f"{said.get(mark, 'Took the star from')}: {count} trial{'' if count == 1 else 's'}.")
    return back


@require_POST
def note(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """A trial's note from now on, Markdown."""
    trial = get_trial(request.user, public_id, number, make=True)
    try:
        write_note(trial=trial, text=request.POST.get("note", ""), user=person(request))
    except Invalid as refused:
        messages.warning(request, refused.errors()[0].message)
    return redirect(f"{reverse('sweeps:trial', args=[public_id, number])}#note")
