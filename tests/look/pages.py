"""Every page with made-up contexts: what the templates' comments promise, and nothing more."""

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from runners.drawn import Line
from sweeps.queries.home.best import Best
from sweeps.queries.home.page import Waiting
from sweeps.queries.listed.filter import Asked
from sweeps.queries.listed.lines import drawn
from tests.look.film import METRIC, PARAMS, PUBLIC_ID, Film
from tests.look.table import shown_table

CALL = """trainer.hyperparameter_search(
    hp_space=space,            # 4 parameters, below
    compute_objective=lambda metrics: metrics["eval_accuracy"],
    direction="maximize",
    n_trials=16,
    backend="optuna",
    sampler=TPESampler(seed=0),
    pruner=MedianPruner(n_startup_trials=5),
)"""
TRACEBACK = """Traceback (most recent call last):
  File "runners/process/search/optuna.py", line 118, in train
    trainer.train()
FloatingPointError: loss is nan at step 40
"""
FACTS = [
    ("Model", "tiny BERT (from a config)"),
    ("Data", "Which language? version 2"),
    ("Objective", "eval_accuracy, more is better"),
    ("Sampler", "TPE, seed 0"),
    ("Pruner", "median, from trial 5"),
    ("Seed", "42"),
    ("Runner", "this-machine"),
    ("Fixed", "num_train_epochs 3, eval_strategy steps, eval_steps 20"),
]
OBJECTIVE = {"metric": METRIC, "direction": "maximize"}

STATES: dict[str, dict[str, Any]] = {
    "draft": {"state": "draft", "started_at": None, "elapsed_s": None, "remaining_s": None, "counts": {}, "counted": 0, "best": None},
    "failed": {
        "state": "fail", "remaining_s": None, "failure_code": "invalid_spec", "finished_at": "2026-11-24T09:00:00Z",
        "failure_message": "learning_rate: 5 is above 1, the greatest value that trains. Lower the upper bound of the space.",
    },
    "stopping": {"wanted": "stop"},
    "queued": {
        "state": "queued", "started_at": None, "elapsed_s": None, "remaining_s": None, "counts": {}, "counted": 0, "best": None,
        "waiting_reason": "No runner is online. Start one with python -m runners.process; the sweep begins by itself.",
    },
}  # fmt: skip
"""What differs from the film in other states of the sweep's page, by page."""


class Text(str):
    """A message of django.contrib.messages."""

    __slots__ = ()
    level_tag = "success"


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(max_length=100, help_text="Shown in lists.")
    email = forms.EmailField(label="Email address")
    task = forms.ChoiceField(
        choices=[("text-classification", "Text classification"), ("image-classification", "Image classification")]
    )
    n_trials = forms.IntegerField(label="Number of trials", min_value=1, help_text="How many assignments are tried.")
    sampler = forms.ChoiceField(choices=[("tpe", "TPE"), ("random", "Random")], widget=forms.RadioSelect)
    keep_best = forms.BooleanField(label="Keep the best model", required=False, help_text="About 18 MB.")
    file = forms.FileField(required=False)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))


class LoginForm(forms.Form):
    login = forms.EmailField(label="Email address")
    password = forms.CharField(widget=forms.PasswordInput)


class User:
    is_authenticated = True
    is_staff = True
    email = "alice@example.org"

    def __str__(self) -> str:
        return "Alice Ngo"


def _row(number: int, state: str, counted: int, *, name: str, value: float | None) -> Thing:
    """A row of the list of sweeps."""
    sweep = _sweep(number, state, name=name)
    steps = [(0, 0.41), (2, 0.66), (3, value or 0.7)] if counted else []
    return Thing(
        sweep=sweep, counted=counted, running=2 if state == "running" else 0, hourly=24.0 if state == "running" else None, objective=METRIC if sweep.spec else "",
        further=0, value=value, tags=("baseline",) if number == 2 else (), points=drawn(steps, counted),
        says=f"Best {METRIC} so far" if steps else "",
    )  # fmt: skip


def _sweep(number: int, state: str, *, name: str) -> Thing:
    now = datetime.now(UTC)
    return Thing(
        public_id=PUBLIC_ID, name=name, description="", state=state, created_by=User(), queued_at=now, cloned_from=None, failure_field="",
        model=Thing(name="tiny BERT"), dataset_version=Thing(number=2, dataset=Thing(name="Which language?")),
        n_trials=0 if state == "draft" else 16, position=number, created_at=now - timedelta(hours=number * 5, minutes=3),
        spec={"objectives": [OBJECTIVE]} if state != "draft" else None,
    )  # fmt: skip


def _rows() -> list[Thing]:
    return [
        _row(0, "running", 7, name="Language, learning rate and batch size", value=0.8712),
        _row(1, "queued", 0, name="Digits, tiny ViT", value=None),
        _row(2, "complete", 16, name="Language, wider", value=0.9034),
        _row(5, "fail", 3, name="Language with a learning rate that is far too high for it", value=None),
        _row(9, "cancelled", 5, name="First try", value=0.5121),
        _row(14, "draft", 0, name="Sentiment, MiniLM", value=None),
    ]


def _home() -> Thing:
    """The first page of a team at work."""
    rows = _rows()
    loads = [
        Thing(runner=_runner("this-machine", "online", gpu=True), taken=1),
        Thing(runner=_runner("old-box", "offline"), taken=0),
    ]
    best = Best(
        task="Text classification",
        dataset="Which language?",
        dataset_id=PUBLIC_ID,
        metric=METRIC,
        direction="maximize",
        value=0.9034,
        sweep=PUBLIC_ID,
        name="Language, wider",
        number=11,
        who="Alice Ngo",
        at=datetime.now(UTC),
    )
    return Thing(
        running=rows[:1], n_running=1, finished=rows[2:3], n_finished=1, n_waiting=1, n_drafts=1, best=[best],
        waiting=[Waiting(1, rows[1].sweep, "Runner this-machine is busy with another sweep. This one is next in its turn.")],
        fleet=Thing(runners=loads, slots=4, taken=1, busy=1, online=1),
    )  # fmt: skip


def _machine() -> dict[str, Any]:
    """The page of a runner that was just given a token."""
    runner = _runner("gpu-1", "online", gpu=True)
    checks = [
        Thing(name="Disk", passed=True, says="812 GB free"),
        Thing(name="A training step on GPU 0", passed=False, says="no kernel image"),
    ]
    runner.pk, runner.labels, runner.slots_limited = 1, ["a100", "lab"], 2
    runner.facts["checks"] = checks
    runner.facts["versions"] = {"python": "3.11.7", "torch": "2.13.0", "transformers": "5.23.0"}
    points = " ".join(f"{2 * at},{18 + 15 * math.sin(at / 9):.1f}" for at in range(120))
    lines = [Line(label, points, points, f"{label}: 50 % now") for label in ("Processor", "GPU 0 use", "GPU 0 power")]
    return {
        "runner": runner,
        "token": "hpr_example",
        "server": "https://hpweb.example.org",
        "managed": [1],
        "keeps": True,
        "lines": lines,
        "waits": True,
    }


def _runner(name: str, state: str, *, gpu: bool = False) -> Thing:
    gpus = (
        [
            {
                "index": 0,
                "name": "NVIDIA H100",
                "memory_total": 85_000_000_000,
                "memory_used": 31_400_000_000,
                "utilisation": 87.0,
            }
        ]
        if gpu
        else []
    )
    facts = {
        "hostname": f"{name}.example.org",
        "cpu_count": 2,
        "memory_total": 8_300_000_000,
        "tasks": ["text-classification", "image-classification"],
        "accelerators": gpus,
    }
    load = {
        "cpu_percent": 71.4,
        "memory_used": 3_120_000_000,
        "accelerators": gpus,
        "jobs": [{"job": "x", "children": 1, "trials": [7], "description": "Language, learning rate"}]
        if state == "online"
        else [],
    }
    return Thing(
        public_id=name,
        name=name,
        state=state,
        slots=2,
        facts=facts,
        load=load,
        last_seen=datetime.now(UTC) - timedelta(seconds=3 if state == "online" else 9000),
    )


def snapshot(film: Film, name: str) -> dict[str, Any]:
    """The snapshot that belongs to a page of a sweep."""
    still = Film() if name in {"draft", "queued"} else film
    whole = still.snapshot()
    whole["sweep"] |= {"id": name, **STATES[name]} if name in STATES else {}
    return whole


def frame(film: Film, name: str) -> dict[str, Any]:
    """The frame that belongs to it."""
    return (Film() if name in {"draft", "queued"} else film).columns()


def _detail(film: Film, name: str) -> dict[str, Any]:
    whole = snapshot(film, name)
    sweep = _rows()[0].sweep
    failures = [
        Thing(
            title="the objective is not a finite number",
            message=row["failure_message"],
            count=1,
            shown=[row["number"]],
            more=0,
            trial=row["number"],
            traceback=TRACEBACK,
            common=[],
            advice=["A lower learning_rate, more warmup_steps or max_grad_norm often mends it."],
        )
        for row in whole["trials"]
        if row["state"] == "fail"
    ]
    return {
        "sweep": sweep, "state": whole["sweep"], "param_names": list(PARAMS), **shown_table(whole["trials"], film.position),
        "objective": OBJECTIVE, "failures": failures, "facts": FACTS, "call": CALL, "can_edit": True, "can_make": True, "edit_url": "#",
    }  # fmt: skip


def _form(*, bound: bool) -> SampleForm:
    return SampleForm({"email": "not-an-address", "n_trials": "0"}) if bound else SampleForm()


def page(name: str, film: Film, *, theme: str) -> tuple[str, int] | None:
    """HTML and HTTP status of a page, or none when there is no such page."""
    counts = {"sweeps": 6, "models": 3, "datasets": 2, "spaces": 4, "runners_online": 1, "runners": 2}
    pages: dict[str, tuple[str, dict[str, Any], str]] = {
        "list": ("sweeps/sweep_list.html", {"page_obj": Paginator(_rows() * 5, 6).page(2), "rows": _rows(), "asked": Asked(), "any": True, "can_edit": True, "can_make": True}, "sweeps:list"),
        "list-empty": ("sweeps/sweep_list.html", {"page_obj": Paginator([], 6).page(1), "rows": [], "asked": Asked(), "can_edit": True, "can_make": True}, "sweeps:list"),
        **{name: ("sweeps/sweep_detail.html", _detail(film, name), "sweeps:detail") for name in ("sweep", *STATES)},
        "home": ("home.html", {"any": True, "home": _home(), "since": datetime.now(UTC), "can_edit": True, "can_make": True}, "home"),
        "home-empty": ("home.html", {"any": False, "counts": {**counts, "models": 0, "spaces": 0}, "can_edit": True, "can_make": True}, "home"),
        "runners": ("runners/runner_list.html", {"runners": [_runner("this-machine", "online", gpu=True), _runner("old-box", "offline")]}, "runners:list"),
        "runner": ("runners/runner_detail.html", _machine(), "runners:detail"),
        "runners-empty": ("runners/runner_list.html", {"runners": []}, "runners:list"),
        "form": ("look/form.html", {"form": _form(bound=False)}, "library:model-create"),
        "form-errors": ("look/form.html", {"form": _form(bound=True)}, "library:model-create"),
        "login": ("account/login.html", {"form": LoginForm(), "demo_login": {"email": "demo@hpweb.example", "password": "demo"}}, "login"),
        "404": ("404.html", {}, ""),
        "403": ("403.html", {}, ""),
        "500": ("500.html", {}, ""),
    }  # fmt: skip
    if name not in pages:
        return None
    template, context, view = pages[name]
    context = {
        "user": Thing(is_authenticated=False) if name == "login" else User(),
        "team": Thing(name="Linguistics", public_id="A" * 12, pk=1),
        "theme": theme,
        "request": Thing(resolver_match=Thing(view_name=view), get_full_path=lambda: f"/{name}"),
        "csrf_token": "x" * 64,
        "messages": [Text("The model was saved.")] if name == "form" else [],
        **context,
    }
    return render_to_string(template, context), int(name) if name.isdigit() else 200
