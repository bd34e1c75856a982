"""The command line against the real API: what it prints where, and with which exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from hpweb.client import Client
from hpweb.client.cli.app import app
from hpweb.client.cli.session import Session
from sweeps.models import Model, SearchSpace
from sweeps.models import Sweep as Row
from sweeps.services.control import start_sweep
from teams.tokens import make_token
from tests.factories import Cast
from tests.hpweb.client.bridge import Bridge
from tests.sweeps.parts import make_draft, make_model, make_space, make_version

pytestmark = pytest.mark.django_db
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("HPWEB_URL", "HPWEB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def token(cast: Cast) -> str:
    return make_token(user=cast.bob, team=cast.team, name="shell")[1]


@pytest.fixture
def run(token: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("sweep", "list")` as somebody who has logged in; `bridge=` another way to the server."""
    monkeypatch.setenv("HPWEB_URL", "http://testserver")
    monkeypatch.setenv("HPWEB_TOKEN", token)

    def command(*arguments: str, bridge: httpx.BaseTransport | None = None, **options: Any) -> Result:
        def make(url: str, token: str) -> Client:
            return Client(url, token, inner=bridge or Bridge(), sleep=lambda _: None)

        return CliRunner().invoke(app, arguments, obj=Session(make=make), catch_exceptions=False, **options)

    return command


@pytest.fixture
def file(cast: Cast, tmp_path: Path) -> Path:
    """A sweep that can start."""
    path = tmp_path / "sweep.yaml"
    model, data = make_model(cast.team).name, make_version(cast.team).dataset.name
    path.write_text(
        f"name: Rates [bold]\nmodel: {model}\ndata: {data}\n"
        "space: {learning_rate: {low: 1e-5, high: 1e-3, log: true}}\n"
        "objectives: {metric: eval_accuracy, direction: maximize}\nbudget: {n_trials: 2}\n"
        "arguments: {eval_strategy: epoch}\n"
    )
    return path


def test_a_sweep_is_made_started_shown_and_controlled(run: Run, file: Path) -> None:
    made = run("sweep", "create", str(file))
    row = Row.objects.get()
    assert (made.exit_code, made.stdout) == (0, f"{row.public_id} is made: http://testserver/sweeps/{row.public_id}/\n")
    sweep = row.public_id
    assert "is started" in run("sweep", "start", sweep).stdout
    shown = run("sweep", "get", sweep)
    assert "Rates [bold]" in shown.stdout, "a name is no markup"
    assert "queued" in shown.stdout
    assert run("sweep", "pause", sweep).stdout == f"{sweep} is paused.\n"
    assert json.loads(run("sweep", "resume", sweep, "--json").stdout)["sweep"]["state"] == "queued"
    assert run("sweep", "cancel", sweep).stdout == f"{sweep} is cancelled.\n"
    assert run("sweep", "extend", sweep, "5").stdout == f"{sweep} is queued.\n"
    assert run("sweep", "stop", sweep).exit_code == 0
    assert "Rates [bold]" in run("sweep", "list").stdout
    assert [found["id"] for found in json.loads(run("sweep", "list", "--json", "--limit", "1").stdout)] == [sweep]
    text = run("sweep", "yaml", sweep).stdout
    again = run("sweep", "create", "-", "--name", "Again", "--json", input=text)
    assert (again.exit_code, again.stderr) == (0, "")
    assert json.loads(again.stdout)["name"] == "Again"


def test_a_refusal_is_said_on_stderr_with_its_fields(run: Run, file: Path) -> None:
    file.write_text(file.read_text().replace("low: 1e-5", "low: 1"))
    refused = run("sweep", "create", str(file), "--follow")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "Refused:\n  space.learning_rate.high: high 0.001 is below low 1: swap them.\n"
    told = json.loads(run("sweep", "create", str(file), "--json").stderr)
    assert (told["code"], list(told["fields"])) == ("invalid", ["space.learning_rate.high"])
    file.write_text("a: [1")
    assert (
        run("sweep", "create", str(file)).stderr == "Line 2, column 1: expected ',' or ']', but got '<stream end>'.\n"
    )
    missing = run("sweep", "get", "AAAAAAAAAAAA")
    assert (missing.exit_code, missing.stderr) == (2, "There is no such thing here.\n")
    assert run("sweep", "create", "nowhere.yaml").exit_code == 2
    assert run("sweep", "bogus").exit_code == 2
    assert not Row.objects.exists()


def test_a_draft_that_cannot_start_is_made_and_said(run: Run, file: Path) -> None:
    file.write_text("name: Half\nbudget: {n_trials: 2}\n")
    made = run("sweep", "create", str(file))
    assert made.exit_code == 0
    assert "model: Choose a model.\n" in made.stderr
    assert "Until this is mended it can't start." in made.stderr


@pytest.mark.parametrize(("state", "code"), [("complete", 0), ("fail", 1), ("cancelled", 1)])
def test_following_ends_with_the_sweep(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int
) -> None:
    def later(_seconds: float) -> None:
        row = Row.objects.get()
        row.trials.create(number=0, state="complete", params={"learning_rate": 1e-4}, values=[0.5], value=0.5)
        row.state, row.best_trial = state, row.trials.get()
        row.failure_message = "It broke." if state == "fail" else ""
        row.position += 1
        row.save()

    monkeypatch.setattr("time.sleep", later)
    done = run("sweep", "create", str(file), "--follow")
    assert done.exit_code == code
    lines = done.stdout.splitlines()
    word = "failed" if state == "fail" else state
    assert lines[1:] == ["queued: 0 of 2 trials", f"{word}: 1 of 2 trials, best 0.5 in trial 0"]
    ends = {"complete": "", "fail": "The sweep failed: It broke.\n", "cancelled": "The sweep was cancelled.\n"}
    assert done.stderr == (f"Rates [bold]: {ends[state]}" if code else "")
    again = run("sweep", "follow", Row.objects.get().public_id, "--json")
    assert (again.exit_code, json.loads(again.stdout)["sweep"]["state"]) == (code, state)


def test_ctrl_c_leaves_the_sweep_alone(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    done = run("sweep", "create", str(file), "--follow")
    row = Row.objects.get()
    assert (done.exit_code, row.state, row.wanted) == (130, "queued", "run")
    assert done.stderr == f"Not followed any more; the sweep goes on: hpweb sweep follow {row.public_id}\n"


def test_trials_are_listed_shown_and_repeated(run: Run, cast: Cast) -> None:
    row = make_draft(cast.team, cast.bob)
    start_sweep(sweep=row, user=cast.bob)
    params = {"learning_rate": 1e-3, "per_device_train_batch_size": 8}
    row.trials.create(number=0, state="complete", params=params, values=["nan"])
    assert "learning_rate=0.001" in run("trial", "list", row.public_id).stdout
    assert json.loads(run("trial", "get", row.public_id, "0", "--json").stdout)["values"] == ["nan"]
    retried = run("trial", "retry", row.public_id, "0", "learning_rate=2e-3", "--json")
    assert json.loads(retried.stdout)["params"] == params | {"learning_rate": 2e-3}
    assert run("trial", "retry", row.public_id, "0", "learning_rate").exit_code == 2
    refused = run("trial", "retry", row.public_id, "0", "learning_rate=7")
    assert (refused.exit_code, "params.learning_rate: " in refused.stderr) == (2, True)


def test_the_library_is_listed_and_made(run: Run, cast: Cast, tmp_path: Path) -> None:
    model, space = make_model(cast.team), make_space(cast.team)
    for kind, thing, table in (("model", model, Model), ("space", space, SearchSpace)):
        (tmp_path / "x.yaml").write_text(run(kind, "yaml", thing.public_id).stdout)
        made = run(kind, "create", str(tmp_path / "x.yaml"), "--name", "Other")
        assert made.stdout == f"{table.objects.get(name='Other').public_id} is made: Other\n"
        wrong = run("sweep", "create", str(tmp_path / "x.yaml"))
        assert wrong.stderr == f"Refused:\n  kind: This is a {kind}, and a sweep is wanted here.\n"


def test_login_is_tried_before_it_is_kept(
    run: Run, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HPWEB_URL", "HPWEB_TOKEN"):
        monkeypatch.delenv(name)
    nobody = run("whoami")
    assert (nobody.exit_code, "Log in once" in nobody.stderr) == (2, True)
    wrong = run("login", "http://testserver", input="hpt_wrong\n")
    assert (wrong.exit_code, "wrong, revoked or expired" in wrong.stderr) == (2, True)
    assert not (tmp_path / "settings").exists()
    done = run("login", "http://testserver/", input=f"{token}\n")
    assert done.stdout.startswith("Logged in as Bob, team Polyglots. Kept in ")
    assert token not in done.stdout
    assert "shell: write" in run("whoami").stdout
    assert json.loads(run("whoami", "--json").stdout)["role"] == "member"
    assert run("login", "testserver").exit_code == 2
    assert run("logout").stdout == "Forgotten.\n"
    assert run("sweep", "list").exit_code == 2


def test_no_answer_is_another_exit_code(run: Run) -> None:
    def refuse(_request: httpx.Request) -> Exception:
        return httpx.ConnectError("Connection refused")

    done = run("sweep", "list", bridge=Bridge(refuse))
    assert (done.exit_code, done.stderr) == (3, "http://testserver does not answer: Connection refused.\n")


def test_the_table_in_the_terminal_shows_what_runs(cast: Cast) -> None:
    from rich.console import Console

    from hpweb.client.cli.live import picture
    from hpweb.client.progress import Progress
    from hpweb.client.trials import Trial

    rows = [
        {"number": n, "state": "complete", "params": {"lr": 0.1 * n}, "values": [0.5 + n / 100]} for n in range(20)
    ] + [{"number": 20, "state": "running", "params": {"lr": 0.3}, "values": [], "intermediate": [[10, 1.0, 0.777]]}]
    state = {
        "state": "running",
        "counted": 20,
        "n_trials": 40,
        "best": {"number": 19, "value": 0.69, "params": {"lr": 1.9}},
        "elapsed_s": 75.2,
        "remaining_s": 3700,
    }
    console = Console(width=100, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(picture("Rates", Progress.of(state, tuple(map(Trial.of, rows)))))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert lines[0].startswith("Rates  running")
    assert lines[0].endswith("20/40")
    assert lines[1] == "elapsed 1 min 15 s, about 1 h 01 min left"
    assert lines[2] == "best 0.69 in trial 19:  lr=1.9"
    assert lines[3].split() == ["trial", "state", "value", "parameters"]
    assert lines[-1].split() == ["20", "running", "0.777", "lr=0.3"]
    assert len(lines) == 4 + 12
