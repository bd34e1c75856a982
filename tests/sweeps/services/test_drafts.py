"""Drafts are saved as incomplete as they are."""

import pytest

from sweeps.models import Sweep
from sweeps.services.drafts import delete_draft, read_draft, save_draft
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, make_draft, make_model


def test_a_draft_may_have_nothing_but_a_name(cast: Cast) -> None:
    sweep = save_draft(team=cast.team, user=cast.bob, name=" First ", draft=Draft())
    assert (sweep.name, sweep.state, sweep.n_trials, sweep.created_by) == ("First", "draft", 20, cast.bob)
    assert read_draft(sweep) == Draft()
    assert list(sweep.acts.values_list("verb", flat=True)) == ["created"]


def test_saving_again_changes_the_same_sweep(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    saved = save_draft(team=cast.team, user=cast.bob, name="Other", draft=Draft(), sweep=sweep)
    assert (saved.pk, saved.name, saved.model, saved.created_by) == (sweep.pk, "Other", None, cast.alice)
    assert Sweep.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb"])
def test_a_bad_name_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_draft(team=cast.team, user=cast.alice, name=name, draft=Draft())
    assert list(refused.value.fields()) == ["name"]


def test_parts_of_another_team_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        make_draft(cast.team, cast.alice, model=make_model(cast.other))
    assert refused.value.fields() == {"model": ["There is no such thing in this team."]}


def test_a_started_sweep_is_no_draft_any_more(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    Sweep.objects.update(state="queued")
    with pytest.raises(Invalid, match="Clone it"):
        save_draft(team=cast.team, user=cast.alice, name="Late", draft=DRAFT, sweep=sweep)
    with pytest.raises(Invalid, match="archive"):
        delete_draft(sweep=sweep)
    assert Sweep.objects.get().name == sweep.name


def test_a_draft_can_be_deleted(cast: Cast) -> None:
    delete_draft(sweep=make_draft(cast.team, cast.alice))
    assert Sweep.objects.count() == 0
