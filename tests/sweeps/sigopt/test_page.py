"""The page that converts a SigOpt definition."""

import json

import pytest
from django.test import Client

from sweeps.models import SearchSpace, Sweep
from sweeps.services.drafts import read_draft
from tests.factories import Cast
from tests.sweeps.sigopt.test_convert import DEFINITION, ROWS

PAGE = "/sweeps/from-sigopt/"


@pytest.mark.django_db
def test_a_definition_becomes_a_draft(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    shown = client.post(PAGE, {"definition": json.dumps(DEFINITION), "act": "convert"}).content.decode()
    assert "A linear constraint over adam_beta1" in shown
    assert "model.hidden_act" in shown
    answer = client.post(PAGE, {"definition": json.dumps(DEFINITION), "act": "sweep"})
    sweep = Sweep.objects.get(name="bert")
    assert answer["Location"] == f"/sweeps/{sweep.public_id}/edit/"
    draft = read_draft(sweep)
    assert draft.space is not None
    assert draft.space.parameters == ROWS
    assert (draft.budget.n_trials, draft.children) == (30, 2)
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.django_db
def test_a_space_is_saved_where_every_row_acts(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    whole = {**DEFINITION, "parameters": DEFINITION["parameters"][:3], "conditionals": []}  # type: ignore[index]  # a list
    answer = client.post(PAGE, {"definition": json.dumps(whole), "act": "space"})
    assert SearchSpace.objects.get(name="bert").space["parameters"][0]["name"] == "learning_rate"
    assert answer.status_code == 302


@pytest.mark.django_db
def test_a_bad_text_has_its_sentence_beside_the_field(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    page = client.post(PAGE, {"definition": "a: [1, 2", "act": "convert"})
    assert page.status_code == 200
    assert "is neither JSON nor YAML nor Python" in page.content.decode()


@pytest.mark.django_db
def test_a_viewer_may_not(client: Client, cast: Cast) -> None:
    client.force_login(cast.vera)
    assert client.get(PAGE).status_code == 403
