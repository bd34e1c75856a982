"""The sweep's form and review."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeps.forms.sweep_data import NEW_DRAFT, draft_data
from sweeps.models import SearchSpace, Sweep
from sweeps.services.drafts import read_draft
from sweeps.services.specs import review
from tests.factories import Cast, make_runner
from tests.sweeps.parts import DRAFT, make_draft, make_model, make_space, make_version

NEW = "/sweeps/new/"
BASE: dict[str, Any] = {"name": "S", **draft_data(NEW_DRAFT)}


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def whole(cast: Cast) -> dict[str, Any]:
    return BASE | {
        "model": make_model(cast.team).public_id,
        "dataset_version": make_version(cast.team).public_id,
        "space": make_space(cast.team).public_id,
        "objective-0-metric": "eval_accuracy",
        "n_trials": "8",
    }


def test_from_the_empty_form_to_the_review(cast: Cast, bob: Client) -> None:
    assert bob.get(NEW).status_code == 200
    answer = bob.post(NEW, whole(cast) | {"act": "review"})
    sweep = Sweep.objects.get()
    assert answer["Location"] == f"/sweeps/{sweep.public_id}/review/"
    assert (sweep.state, sweep.n_trials, sweep.created_by) == ("draft", 8, cast.bob)
    page = bob.get(answer["Location"]).content.decode()
    assert "hyperparameter_search(" in page
    assert "for _ in range(8):" in page
    assert "It can&#x27;t start yet" not in page
    assert f'action="/sweeps/{sweep.public_id}/start/"' in page


def test_an_incomplete_draft_is_saved_and_says_what_is_missing(bob: Client) -> None:
    bob.post(NEW, BASE | {"n_trials": ""})
    sweep = Sweep.objects.get()
    page = bob.get(f"/sweeps/{sweep.public_id}/edit/").content.decode()
    assert page.count("Choose a model.") == 2  # beside the field and in the list
    assert "Give the number of trials." in page
    checked = bob.get(f"/sweeps/{sweep.public_id}/review/").content.decode()
    assert f'href="/sweeps/{sweep.public_id}/edit/#id_n_trials"' in checked
    assert "disabled" in checked
    assert "hyperparameter_search(" not in checked


def test_a_refused_form_saves_nothing_and_keeps_what_was_typed(bob: Client) -> None:
    answer = bob.post(NEW, BASE | {"arg-learning_rate": "fast", "n_trials": "-3"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "learning_rate must be a number" in page
    assert 'value="fast"' in page
    assert 'value="-3"' in page
    assert Sweep.objects.count() == 0


def test_editing_what_was_saved_changes_nothing_by_itself(cast: Cast, bob: Client) -> None:
    sweep = make_draft(cast.team, cast.bob)
    before = read_draft(sweep)
    page = bob.get(f"/sweeps/{sweep.public_id}/edit/")
    form = page.context["form"]
    bob.post(f"/sweeps/{sweep.public_id}/edit/", dict(form.data))
    sweep.refresh_from_db()
    assert read_draft(sweep) == before
    assert review(sweep=sweep)[1] == []


def test_each_problem_stands_beside_its_field(cast: Cast, bob: Client) -> None:
    draft = DRAFT.model_copy(update={"arguments": {"learning_rate": 0.1, "max_steps": 0}})
    sweep = make_draft(cast.team, cast.bob, draft)
    form = bob.get(f"/sweeps/{sweep.public_id}/edit/").context["form"]
    assert set(form.errors) == {"arg-learning_rate", "arg-max_steps"}


def test_links_choose_the_parts(cast: Cast, bob: Client) -> None:
    model, version, space = make_model(cast.team), make_version(cast.team), make_space(cast.team)
    address = f"{NEW}?model={model.public_id}&dataset={version.public_id}&space={space.public_id}"
    page = bob.get(address).content.decode()
    for part in (model, version, space):
        assert f'<option value="{part.public_id}" selected>' in page


def test_a_choice_shows_other_fields_and_saves_nothing(cast: Cast, bob: Client) -> None:
    answer = bob.post(NEW, BASE | {"act": "update", "pruner": "median", "name": ""})
    assert answer.status_code == 200
    assert "pruner-median-n_warmup_steps" in answer.content.decode()
    assert Sweep.objects.count() == 0


def test_a_started_sweep_is_not_edited(cast: Cast, bob: Client) -> None:
    sweep = make_draft(cast.team, cast.bob)
    Sweep.objects.update(state="queued")
    for page in ("edit", "review"):
        assert bob.get(f"/sweeps/{sweep.public_id}/{page}/")["Location"] == f"/sweeps/{sweep.public_id}/"
    bob.post(f"/sweeps/{sweep.public_id}/edit/", BASE)
    bob.post(f"/sweeps/{sweep.public_id}/delete/")
    assert Sweep.objects.get().name == sweep.name


def test_a_draft_is_deleted_from_its_review(cast: Cast, bob: Client) -> None:
    sweep = make_draft(cast.team, cast.bob)
    assert bob.post(f"/sweeps/{sweep.public_id}/delete/")["Location"] == "/sweeps/"
    assert Sweep.objects.count() == 0


def test_rights(cast: Cast, client: Client) -> None:
    sweep = make_draft(cast.team, cast.bob)
    page = f"/sweeps/{sweep.public_id}/"
    client.force_login(cast.vera)
    assert [client.get(address).status_code for address in (NEW, f"{page}edit/", f"{page}review/")] == [403, 403, 403]
    assert [client.post(address, BASE).status_code for address in (NEW, f"{page}edit/", f"{page}delete/")] == [403] * 3
    client.force_login(cast.charlie)
    assert [client.get(address).status_code for address in (f"{page}edit/", f"{page}review/")] == [404, 404]
    assert [client.post(address, BASE).status_code for address in (f"{page}edit/", f"{page}delete/")] == [404, 404]
    assert client.post(NEW, BASE | {"model": str(sweep.model and sweep.model.public_id)}).status_code == 422
    assert Sweep.objects.get() == sweep


GARBAGE = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["on", "-1", "1e999", "nan", "\x00", "9" * 400, "own", "median", "[[1]]", "{}", "null"]),
    st.sampled_from(["ray", "wandb", "pbt", "hyperband", "partial_fixed", "weighted_sum", "stagnation", "3"]),
    st.sampled_from(
        ["update", "objective:add", "objective:remove:0", "objective:remove:9", "objective:²", "propose:sampler"]
    ),
)
NAMES = [
    *BASE,
    "act",
    "model",
    "space",
    "dataset_version",
    "arg-lr_scheduler_kwargs",
    "arg-learning_rate",
    "arg-seed",
    "arg-bf16",
    "data-max_length",
    "pruner-median-n_startup_trials",
    "sampler-tpe-multivariate",
    "objective-1-metric",
    "objective-0-weight-eval_mcc",
    "search",
    "scheduler",
    "ray-cpus",
    "ray-cluster",
    "ray-mutations",
    "wandb-server",
    "wandb-sweep_id",
    "early",
    "early-hyperband-min_iter",
    "fixed-learning_rate",
    "lora",
    "lora-r",
    "lora-target_modules",
]


@given(data=st.dictionaries(st.sampled_from(NAMES), GARBAGE, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_breaks_the_form(cast: Cast, bob: Client, data: dict[str, Any]) -> None:
    space = SearchSpace.objects.first() or make_space(cast.team)
    answer = bob.post(NEW, BASE | {"space": space.public_id} | data)
    assert answer.status_code in (200, 302, 422)
    if answer.status_code == 302:
        assert bob.get(answer["Location"]).status_code == 200
        sweep = Sweep.objects.latest("pk")
        assert bob.get(f"/sweeps/{sweep.public_id}/review/").status_code == 200


def test_a_team_with_a_gpu_begins_with_trials_packed_by_the_runner(cast: Cast, bob: Client) -> None:
    assert 'name="children" value="1"' in bob.get(NEW).content.decode()
    make_runner(facts={"accelerators": [{"index": 0, "name": "H100"}]})
    assert 'name="children" value="auto"' in bob.get(NEW).content.decode()
