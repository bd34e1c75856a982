"""The client's objects against the real API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hpweb.client import Client, HpwebError, NotAllowed, NotFound, Refused
from hpweb.client.progress import Progress
from sweeps.models import Sweep as Row
from sweeps.services.control import start_sweep
from tests.factories import Cast, make_runner
from tests.hpweb.client.bridge import Bridge, client_of
from tests.sweeps.parts import make_model, make_space, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Iterator[Client]:
    with client_of(cast.bob, cast.team) as found:
        yield found


def document(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Rates",
        "model": make_model(cast.team).name,
        "data": make_version(cast.team).dataset.name,
        "space": {"learning_rate": {"low": 1e-5, "high": 1e-3, "log": True}},
        "objectives": {"metric": "eval_accuracy", "direction": "maximize"},
        "budget": {"n_trials": 3},
        "arguments": {"eval_strategy": "epoch"},
        **changes,
    }


def test_a_sweep_is_made_of_a_dict_and_controlled(client: Client, cast: Cast) -> None:
    sweep = client.sweeps.create(document(cast))
    assert (sweep.state, sweep.name, sweep.data["problems"]) == ("draft", "Rates", {})
    assert Row.objects.get(public_id=sweep.id).created_by == cast.bob
    assert sweep.start().state == "queued"
    with pytest.raises(Refused) as error:
        sweep.start()
    assert (error.value.http_code, error.value.code) == (409, "not_now")
    assert sweep.pause().resume().state == "queued"
    assert sweep.amend(n_trials=4).progress.n_trials == 4
    assert sweep.cancel().state == "cancelled"
    assert sweep.archive().data["sweep"]["archived"] is True
    assert sweep.restore().data["sweep"]["archived"] is False
    assert sweep.extend(6).progress.n_trials == 6
    sweep.cancel()
    assert [row["name"] for row in client.sweeps.list()] == ["Rates"]
    sweep.delete()
    with pytest.raises(NotFound):
        sweep.refresh()


def test_a_sweep_comes_back_from_its_yaml_by_text_and_by_file(client: Client, cast: Cast, tmp_path: Path) -> None:
    sweep = client.sweeps.create(document(cast))
    text = sweep.yaml()
    file = tmp_path / "sweep.yaml"
    file.write_text(text)
    again = client.sweeps.create(file, name="Again", start=True)
    assert (again.name, again.state) == ("Again", "queued")
    assert (
        client.sweeps.create(str(file)).data["draft"] == client.sweeps.create(text).data["draft"] == sweep.data["draft"]
    )


def test_a_refusal_names_the_field(client: Client, cast: Cast) -> None:
    with pytest.raises(Refused) as error:
        client.sweeps.create(document(cast, space={"learning_rate": {"low": 2, "high": 1}}))
    assert error.value.fields == {"space.learning_rate.high": ["high 1 is below low 2: swap them."]}
    with pytest.raises(Refused) as error:
        client.sweeps.create(document(cast, objectives=[]), start=True)
    assert set(error.value.fields) == {"objectives"}
    assert not Row.objects.exists()


def test_an_answer_that_was_lost_makes_nothing_twice(cast: Cast) -> None:
    lost: list[httpx.Request] = []

    class Losing(Bridge):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST" and not lost:
                lost.append(request)
                raise httpx.ReadError("the answer is lost")
            return answer

    client = client_of(cast.bob, cast.team, Losing())
    assert client.sweeps.create(document(cast)).name == "Rates"
    assert (len(lost), Row.objects.count()) == (1, 1)


def test_models_and_spaces_are_made_listed_and_written(client: Client, cast: Cast) -> None:
    model, space = make_model(cast.team, name="Tiny"), make_space(cast.team)
    again = client.models.create(client.models.yaml(model.public_id), name="Tiny again")
    assert client.models.get(again["id"])["source"] == model.source
    assert {row["name"] for row in client.models.list()} == {"Tiny", "Tiny again"}
    other = client.spaces.create({"name": "Rates", "space": {"learning_rate": [1e-4, 1e-3]}})
    assert {row["id"] for row in client.spaces.list()} == {space.public_id, other["id"]}
    client.models.delete(again["id"])
    with pytest.raises(NotFound):
        client.models.get(again["id"])


def test_runners_are_listed(client: Client, cast: Cast) -> None:
    runner, _ = make_runner("mill", state="online")
    (found,) = client.runners.list()
    assert (found["id"], found["name"], found["state"]) == (runner.public_id, "mill", "online")
    assert client.runners.get(runner.public_id)["name"] == "mill"


def test_a_token_to_read_makes_nothing(cast: Cast) -> None:
    client = client_of(cast.bob, cast.team, scope="read")
    assert list(client.sweeps.list()) == []
    with pytest.raises(NotAllowed, match="this needs write"):
        client.sweeps.create(document(cast))
    with pytest.raises(NotAllowed, match="wrong, revoked or expired"):
        list(Client("http://testserver", "hpt_wrong", inner=Bridge()).sweeps.list())


def finished(cast: Cast, client: Client) -> Row:
    """A sweep with three trials that have ended."""
    row = Row.objects.get(public_id=client.sweeps.create(document(cast), start=True).id)
    for number, value in enumerate([0.5, 0.9, "nan"]):
        row.trials.create(
            number=number,
            state="complete",
            params={"learning_rate": 10.0 ** -(number + 3)},
            values=[value],
            value=value if isinstance(value, float) else None,
            duration_s=2.5,
        )
    row.state = "complete"
    row.best_trial = row.trials.get(number=1)
    row.position += 1
    row.save()
    return row


def test_trials_come_typed_and_as_a_table(client: Client, cast: Cast, tmp_path: Path) -> None:
    sweep = client.sweeps.get(finished(cast, client).public_id)
    trials = list(sweep.trials())
    assert [(trial.number, trial.state, trial.value) for trial in trials[:2]] == [
        (0, "complete", 0.5),
        (1, "complete", 0.9),
    ]
    assert trials[2].value != trials[2].value, "NaN"
    assert sweep.trial(1).params == {"learning_rate": 1e-4}
    table = sweep.to_pandas()
    assert list(table.columns) == ["state", "value", "learning_rate", "duration_s", "started_at"]
    assert table.loc[1, "value"] == 0.9
    with pytest.raises(NotFound):
        sweep.download_model(tmp_path)


def test_a_sweep_is_followed_to_its_end(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = client.sweeps.create(document(cast))
    with pytest.raises(HpwebError, match="has not started"):
        sweep.wait()
    row = Row.objects.get(public_id=sweep.id)
    start_sweep(sweep=row, user=cast.bob)

    def later(_seconds: float) -> None:
        row.refresh_from_db()
        row.trials.create(number=0, state="complete", params={"learning_rate": 1e-4}, values=[0.5], value=0.5)
        row.state, row.best_trial = "complete", row.trials.get(number=0)
        row.position += 1
        row.save()

    monkeypatch.setattr("time.sleep", later)
    seen: list[Progress] = []
    assert sweep.wait(tell=seen.append).state == "complete"
    assert [(progress.state, progress.counted, progress.over) for progress in seen] == [
        ("queued", 0, False),
        ("complete", 1, True),
    ]
    assert seen[1].best is not None
    assert (seen[1].best.number, seen[1].best.value) == (0, 0.5)
    assert [trial.number for trial in seen[1].trials] == [0]


def test_nothing_new_is_a_short_answer_and_time_runs_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = Bridge()
    client = client_of(cast.bob, cast.team, bridge)
    sweep = client.sweeps.create(document(cast), start=True)
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("time.monotonic", lambda: float(len(pauses)))
    bridge.sent.clear()
    with pytest.raises(TimeoutError, match="Rates is queued after 2 seconds"):
        sweep.wait(every_s=0.5, timeout_s=2)
    paths = [request.url.path for request in bridge.sent]
    assert paths.count(f"/api/v1/sweeps/{sweep.id}/snapshot/") == 1
    assert pauses == [0.5] * 3
