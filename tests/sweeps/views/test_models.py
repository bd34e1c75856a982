"""Pages of models."""

import pytest
from django.test import Client

from sweeps.models import Model
from tests.factories import Cast
from tests.sweeps.parts import make_draft, make_model

LIST, NEW = "/library/models/", "/library/models/new/"
DATA = {
    "name": "Tiny",
    "task": "text-classification",
    "source": "config",
    "model_type": "bert",
    "processor": "trained",
    "vocab_size": "1000",
    "config-hidden_size": "64",
    "config-num_attention_heads": "2",
}


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_member_makes_changes_and_deletes_a_model(cast: Cast, bob: Client) -> None:
    assert b"No models yet" in bob.get(LIST).content
    assert bob.get(NEW + "?preset=tiny-bert").status_code == 200
    answer = bob.post(NEW, DATA)
    model = Model.objects.get()
    assert answer["Location"] == f"{LIST}{model.public_id}/"
    assert (model.name, model.team, model.created_by) == ("Tiny", cast.team, cast.bob)
    assert model.source["fields"] == {"hidden_size": 64, "num_attention_heads": 2}
    page = bob.get(f"{LIST}{model.public_id}/").content.decode()
    assert "BERT from a config" in page
    assert "WordPiece of 1000 pieces" in page
    bob.post(f"{LIST}{model.public_id}/edit/", DATA | {"name": "Smaller", "config-hidden_size": "32"})
    model.refresh_from_db()
    assert (model.name, model.source["fields"]["hidden_size"]) == ("Smaller", 32)
    assert b"Delete Smaller?" in bob.get(f"{LIST}{model.public_id}/delete/").content
    assert bob.post(f"{LIST}{model.public_id}/delete/")["Location"] == LIST
    assert Model.objects.count() == 0


def test_a_refused_model_comes_back_with_the_sentence_and_what_was_typed(bob: Client) -> None:
    answer = bob.post(NEW, DATA | {"config-hidden_size": "65"})
    assert answer.status_code == 422
    assert "make hidden_size 64 or 66" in answer.content.decode()
    assert 'value="65"' in answer.content.decode()
    assert Model.objects.count() == 0


def test_a_choice_shows_other_fields_and_judges_nothing(bob: Client) -> None:
    answer = bob.post(NEW, DATA | {"act": "update", "model_type": "distilbert", "name": ""})
    assert answer.status_code == 200
    assert "config-n_heads" in answer.content.decode()
    assert "This field is required" not in answer.content.decode()


def test_deleting_warns_of_drafts(cast: Cast, bob: Client) -> None:
    sweep = make_draft(cast.team, cast.bob)
    assert sweep.model is not None
    Model.objects.update(created_by=cast.bob)
    assert b"1 draft would lose it" in bob.get(f"{LIST}{sweep.model.public_id}/delete/").content


def test_rights(cast: Cast, client: Client) -> None:
    model = make_model(cast.team)
    pages = [f"{LIST}{model.public_id}/{verb}" for verb in ("", "edit/", "delete/")]
    assert client.get(LIST)["Location"].startswith("/login/")
    client.force_login(cast.vera)
    assert [client.get(page).status_code for page in [LIST, *pages, NEW]] == [200, 200, 403, 403, 403]
    assert [client.post(page, DATA).status_code for page in [NEW, *pages[1:]]] == [403, 403, 403]
    client.force_login(cast.charlie)
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert [client.post(page, DATA).status_code for page in pages[1:]] == [404, 404]
    assert model.name not in client.get(LIST).content.decode()
    assert Model.objects.get() == model


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    cast: Cast, bob: Client, count: int, django_assert_num_queries: object
) -> None:
    for _ in range(count):
        make_model(cast.team)
    bob.get(LIST)
    with django_assert_num_queries(6):  # type: ignore[operator]  # pytest-django's fixture
        bob.get(LIST)
