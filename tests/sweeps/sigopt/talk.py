"""The SigOpt client's side of the conversation, request by request, as client 8.8 under transformers 4.57 has it."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

# `default_hp_space_sigopt` of transformers 4.57.
SPACE: list[dict[str, Any]] = [
    {"bounds": {"min": 1e-6, "max": 1e-4}, "name": "learning_rate", "type": "double", "transformation": "log"},
    {"bounds": {"min": 1, "max": 6}, "name": "num_train_epochs", "type": "int"},
    {"bounds": {"min": 1, "max": 40}, "name": "seed", "type": "int"},
    {
        "categorical_values": ["4", "8", "16", "32", "64"],
        "name": "per_device_train_batch_size",
        "type": "categorical",
    },
]
DEFINITION = {
    "name": "huggingface-tune",
    "type": "offline",
    "parameters": SPACE,
    "metrics": [{"name": "objective", "objective": "minimize", "strategy": "optimize"}],
    "parallel_bandwidth": 1,
    "budget": 3,
}


@dataclass
class Script:
    """A script with an access token."""

    key: str

    def __post_init__(self) -> None:
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        self.client = Client(headers={"Authorization": f"Basic {basic}", "X-SigOpt-Python-Version": "8.8.3"})

    def send(self, method: str, path: str, body: Any = None) -> HttpResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self.client.generic(method, f"/sigopt/v1/{path}", data, content_type="application/json")  # type: ignore[return-value]  # a test's response is one

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def create(self, **changes: Any) -> dict[str, Any]:
        """`sigopt.set_project` and `create_experiment`."""
        client = self.ask("GET", "tokens/self")["client"]
        assert self.ask("GET", f"clients/{client}/projects/huggingface")["id"] == "huggingface"
        path = f"clients/{client}/projects/huggingface/aiexperiments"
        made: dict[str, Any] = self.ask("POST", path, {**DEFINITION, **changes})
        return made

    def remaining(self, experiment: str) -> Any:
        return self.ask("GET", f"aiexperiments/{experiment}")["progress"]["remaining_budget"]

    def begin(self, experiment: str) -> dict[str, Any]:
        made: dict[str, Any] = self.ask("POST", f"aiexperiments/{experiment}/training_runs", {"name": "huggingface x"})
        return made

    def merge(self, run: str, body: Any) -> HttpResponse:
        return self.send("MERGE", f"training_runs/{run}", body)

    def train(self, experiment: str, **values: float) -> dict[str, Any]:
        """A whole run: its metrics, then its end as the client's context tells it."""
        run = self.begin(experiment)
        for name, value in values.items():
            assert self.merge(run["id"], {"values": {name: {"value": value}}}).status_code == 200
        assert self.ask("GET", f"training_runs/{run['id']}")["state"] == "active"
        assert self.merge(run["id"], {"state": "completed"}).status_code == 200
        return run
