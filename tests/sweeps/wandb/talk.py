"""The W&B client's side of the conversation, request by request."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import yaml
from django.http import HttpResponse
from django.test import Client

RANDOM = {
    "method": "random",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "parameters": {"lr": {"min": 0.0, "max": 1.0}},
}


@dataclass
class Program:
    """A program with a key. What it is told comes back as the client reads it."""

    key: str

    def __post_init__(self) -> None:
        self.client = Client(
            headers={"Authorization": f"Basic {base64.b64encode(f'api:{self.key}'.encode()).decode()}"}
        )

    def post(self, operation: str, **variables: Any) -> HttpResponse:
        body = {"query": f"mutation {operation} {{ x }}", "variables": variables, "operationName": operation}
        return self.client.post("/wandb/graphql", body, content_type="application/json")  # type: ignore[return-value]  # the test client's answer is one

    def ask(self, operation: str, **variables: Any) -> Any:
        answer = self.post(operation, **variables)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)["data"]

    def sweep(self, configuration: dict[str, Any]) -> str:
        sweep = self.ask("UpsertSweep", config=yaml.dump(configuration))["upsertSweep"]["sweep"]
        return str(sweep["name"])

    def agent(self, sweep: str) -> str:
        return str(self.ask("CreateAgent", sweep=sweep, host="laptop")["createAgent"]["agent"]["id"])

    def beat(self, agent: str, *listed: str) -> list[dict[str, Any]]:
        answer = self.ask("Heartbeat", id=agent, metrics="{}", runState=json.dumps(dict.fromkeys(listed, True)))
        commands: list[dict[str, Any]] = json.loads(answer["agentHeartbeat"]["commands"])
        return commands

    def init(self, run: str) -> dict[str, Any]:
        bucket: dict[str, Any] = self.ask("UpsertBucket", name=run, program="train.py")["upsertBucket"]["bucket"]
        return bucket

    def stream(self, run: str, *rows: dict[str, Any], offset: int = 0, **fields: Any) -> HttpResponse:
        body = {"files": {"wandb-history.jsonl": {"offset": offset, "content": [json.dumps(row) for row in rows]}}}
        url = f"/wandb/files/any/any/{run}/file_stream"
        return self.client.post(url, {**body, **fields}, content_type="application/json")  # type: ignore[return-value]  # the test client's answer is one

    def train(self, agent: str, run: str, *losses: float, exitcode: int = 0) -> None:
        """A whole run, listed meanwhile, from init to its end."""
        assert self.beat(agent, run) == []
        self.init(run)
        self.stream(run, *({"_step": step, "val/loss": loss} for step, loss in enumerate(losses)))
        self.stream(run, complete=True, exitcode=exitcode)
