"""A clone freezes into the same spec."""

from typing import Any

import pytest

from sweeps.models import Sweep
from sweeps.services.clone import clone_sweep
from sweeps.services.drafts import read_draft
from sweeps.services.specs import freeze
from sweeps.validation.draft import Draft
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, make_draft


def started(sweep: Sweep) -> Sweep:
    sweep.spec = freeze(sweep=sweep).model_dump(mode="json")
    sweep.state = "complete"
    sweep.save()
    return sweep


def test_a_clone_of_a_draft_is_the_same_draft(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    copy = clone_sweep(sweep=sweep, user=cast.bob)
    assert (copy.name, copy.state, copy.created_by, copy.cloned_from) == (
        f"{sweep.name} (copy)",
        "draft",
        cast.bob,
        sweep,
    )
    assert read_draft(copy) == read_draft(sweep)
    assert freeze(sweep=copy) == freeze(sweep=sweep)


def test_a_clone_of_a_finished_sweep_freezes_into_the_same_spec(cast: Cast) -> None:
    sweep = started(make_draft(cast.team, cast.alice, DRAFT.model_copy(update={"seed": 7, "children": 2})))
    copy = clone_sweep(sweep=sweep, user=cast.alice)
    assert freeze(sweep=copy).model_dump(mode="json") == sweep.spec
    assert read_draft(copy).space is None
    assert (copy.n_trials, copy.spec) == (8, None)


BACKENDS: list[dict[str, Any]] = [
    {
        "backend": {"name": "ray", "scheduler": {"name": "pbt"}, "mutations": ["learning_rate"], "cpus": 2.0},
        "children": 2,
    },
    {"backend": {"name": "wandb", "method": "bayes", "project": "rates"}},
    {
        "backend": {
            "name": "optuna",
            "sampler": {"name": "partial_fixed"},
            "fixed": {"learning_rate": 0.001},
            "terminator": {"name": "stagnation", "options": {"min_n_trials": 4}},
        },
        "lora": {"r": 4},
        "processes": 2,
    },
    {
        "objectives": [
            {"metric": "eval_loss", "direction": "minimize", "over": "best"},
            {"metric": "eval_mcc", "direction": "maximize"},
        ]
    },
]


@pytest.mark.parametrize("changes", BACKENDS)
def test_a_clone_keeps_everything_that_its_backend_was_told(cast: Cast, changes: dict[str, Any]) -> None:
    draft = Draft.model_validate({**DRAFT.model_dump(), **changes})
    sweep = started(make_draft(cast.team, cast.alice, draft))
    copy = clone_sweep(sweep=sweep, user=cast.bob)
    assert freeze(sweep=copy).model_dump(mode="json") == sweep.spec
    assert read_draft(copy).backend == draft.backend


def test_a_space_that_was_changed_or_deleted_since_comes_along(cast: Cast) -> None:
    sweep = started(make_draft(cast.team, cast.alice))
    space = sweep.space
    assert space is not None
    space.space = {"parameters": space.space["parameters"][:1]}
    space.save()
    changed = clone_sweep(sweep=sweep, user=cast.alice)
    space.delete()
    gone = clone_sweep(sweep=Sweep.objects.get(pk=sweep.pk), user=cast.alice)
    for copy in (changed, gone):
        assert freeze(sweep=Sweep.objects.get(pk=copy.pk)).model_dump(mode="json") == sweep.spec


def test_a_long_name_is_cut(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    sweep.name = "n" * 100
    assert clone_sweep(sweep=sweep, user=cast.alice).name == "n" * 93 + " (copy)"
