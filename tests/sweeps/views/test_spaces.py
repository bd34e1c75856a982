"""Pages of search spaces."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.protocol.catalogue import catalogue
from sweeps.models import SearchSpace
from tests.factories import Cast
from tests.sweeps.parts import ROWS, make_space

LIST, NEW, CHECK = "/library/spaces/", "/library/spaces/new/", "/library/spaces/check/"
DATA = {
    "name": "Mine",
    "task": "text-classification",
    "rows": "2",
    "row-0-name": "learning_rate",
    "row-0-type": "float",
    "row-0-low": "1e-5",
    "row-0-high": "1e-3",
    "row-0-log": "on",
    "row-1-name": "per_device_train_batch_size",
    "row-1-type": "categorical",
    "row-1-choices": "8, 16",
}


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_member_makes_changes_copies_and_deletes_a_space(cast: Cast, bob: Client) -> None:
    assert b"No search spaces yet" in bob.get(LIST).content
    answer = bob.post(NEW, DATA)
    space = SearchSpace.objects.get()
    assert answer["Location"] == f"{LIST}{space.public_id}/"
    assert space.space["parameters"] == [
        ROWS[0] | {"low": 1e-5, "high": 1e-3, "when": None},
        ROWS[1] | {"when": None},
    ]
    assert "Infinitely many" in bob.get(f"{LIST}{space.public_id}/").content.decode()
    edit = f"{LIST}{space.public_id}/edit/"
    assert 'value="1e-05"' in bob.get(edit).content.decode()
    bob.post(edit, DATA | {"row-0-high": "0.01"})
    space.refresh_from_db()
    assert space.space["parameters"][0]["high"] == 0.01
    for name in ("Mine (copy)", "Mine (copy 2)"):
        bob.post(f"{LIST}{space.public_id}/copy/")
        assert SearchSpace.objects.filter(name=name, team=cast.team).exists()
    bob.post(f"{LIST}{space.public_id}/delete/")
    assert not SearchSpace.objects.filter(pk=space.pk).exists()


def test_a_refused_space_comes_back_with_the_sentence_and_what_was_typed(bob: Client) -> None:
    answer = bob.post(NEW, DATA | {"row-0-low": "0.5x", "row-1-choices": "8, zero"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "low must be a number." in page
    assert 'value="0.5x"' in page
    assert 'value="8, zero"' in page
    assert SearchSpace.objects.count() == 0
    assert "Add at least one parameter" in bob.post(NEW, {"name": "x", "rows": "0"}).content.decode()


def test_buttons_work_without_a_script(bob: Client) -> None:
    moved = bob.post(NEW, DATA | {"act": "down:0"}).content.decode()
    assert moved.index('value="per_device_train_batch_size"') < moved.index('value="learning_rate"')
    added = bob.post(NEW, DATA | {"act": "add", "new_name": "optim"}).content.decode()
    assert "adamw_torch_fused, adafactor, sgd" in added
    checked = bob.post(NEW, DATA | {"act": "check", "row-0-log": ""}).content.decode()
    assert "Infinitely many combinations" in checked
    assert SearchSpace.objects.count() == 0


@pytest.mark.parametrize("preset", [preset.name for preset in catalogue().presets])
def test_presets_open_the_form(bob: Client, preset: str) -> None:
    assert 'value="learning_rate"' in bob.get(f"{NEW}?preset={preset}").content.decode()


def test_the_check_says_what_is_wrong_or_draws(bob: Client) -> None:
    good = bob.post(CHECK, DATA | {"rows": "2", "row-0-type": "categorical", "row-0-choices": "1e-4, 1e-3"}).json()
    assert good["errors"] == {}
    assert "4 combinations" in good["preview"]
    bad = bob.post(CHECK, DATA | {"row-0-low": "0", "row-1-name": "learning_rate"}).json()
    assert bad["errors"]["row-0-low"] == ["A log scale needs low above 0, not 0."]
    assert bad["errors"]["row-1-name"] == ["learning_rate stands in row 1 already: remove one of the two."]
    assert (bad["preview"], bad["about"][0]) == ("", "float, default 5e-05. The highest learning rate of the schedule.")


def test_a_space_with_conditions_and_computed_values_is_kept_and_drawn(bob: Client) -> None:
    more = {
        "row-2-name": "adam_beta1",
        "row-2-type": "float",
        "row-2-low": "0.8",
        "row-2-high": "0.9",
        "row-2-when_name": "per_device_train_batch_size",
        "row-2-when_values": "16",
        "rows": "3",
        "formulas": "1",
        "formula-0-name": "gradient_accumulation_steps",
        "formula-0-formula": "32 // per_device_train_batch_size",
    }
    checked = bob.post(CHECK, DATA | more).json()
    assert (checked["errors"], checked["warnings"]) == ({}, {})
    assert "computed" in checked["preview"]
    assert "–" in checked["preview"]
    bad = bob.post(CHECK, DATA | more | {"formula-0-formula": "8 // per_device_train_batch_size"}).json()
    assert bad["errors"] == {}
    assert bad["warnings"]["formula-0-formula"][0].endswith("must be 1 or more, not 0. Such trials fail.")
    bob.post(NEW, DATA | more)
    space = SearchSpace.objects.get()
    assert space.space["parameters"][2]["when"] == {"name": "per_device_train_batch_size", "values": [16]}
    assert space.space["derived"][0]["formula"] == "32 // per_device_train_batch_size"
    shown = bob.get(f"{LIST}{space.public_id}/").content.decode()
    assert "only when" in shown
    assert "32 // per_device_train_batch_size" in shown
    edit = bob.get(f"{LIST}{space.public_id}/edit/").content.decode()
    assert 'value="32 // per_device_train_batch_size"' in edit


def test_rights(cast: Cast, client: Client) -> None:
    space = make_space(cast.team)
    page = f"{LIST}{space.public_id}/"
    writes = [f"{page}edit/", f"{page}delete/", f"{page}copy/"]
    client.force_login(cast.vera)
    assert [client.get(address).status_code for address in (LIST, page, NEW, f"{page}edit/")] == [200, 200, 403, 403]
    assert [client.post(address, DATA).status_code for address in [NEW, *writes]] == [403, 403, 403, 403]
    client.force_login(cast.charlie)
    assert [client.post(address, DATA).status_code for address in writes] == [404, 404, 404]
    assert client.get(page).status_code == 404
    assert SearchSpace.objects.get() == space


GARBAGE = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["on", "-1", "1e999", "0", "nan", "\x00", "9" * 400, "float", "model.x", "learning_rate", "coupled", "1"]
    ),
)
NAMES = [
    "name",
    "task",
    "rows",
    "act",
    "new_name",
    *(
        f"row-{n}-{column}"
        for n in (0, 1)
        for column in (
            *("name", "type", "low", "high", "log", "step", "choices", "when_name", "when_values"),
            *("head-1", "cell-0-0", "cell-0-1"),
        )
    ),
    *("formulas", "formula-0-name", "formula-0-formula"),
]


@given(data=st.dictionaries(st.sampled_from(NAMES), GARBAGE, max_size=8), good=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_breaks_the_form(bob: Client, data: dict[str, Any], good: bool) -> None:
    sent = (DATA if good else {}) | data
    assert bob.post(NEW, sent).status_code in (200, 302, 422)
    assert bob.post(CHECK, sent).status_code == 200
