"""Sweeps: made, seen, controlled, followed."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpweb.client.documents import Document, make
from hpweb.client.errors import HpwebError
from hpweb.client.frame import frame_of
from hpweb.client.progress import FINISHED, Progress
from hpweb.client.transport import Json, Transport
from hpweb.client.trials import Scalar, Trial, Trials

if TYPE_CHECKING:
    import pandas as pd

EVERY_S: Final = 1.0
NOT_STARTED: Final = "The sweep has not started: start it first."


class Sweep:
    """One sweep. `data` is the answer of its address as last seen; `refresh` sees it anew. Verbs give the sweep itself."""

    def __init__(self, transport: Transport, data: Json) -> None:
        self._transport = transport
        self._trials = Trials(transport)
        self.data = data

    def __repr__(self) -> str:
        return f"Sweep({self.id!r}, {self.name!r}, {self.state!r})"

    @property
    def id(self) -> str:
        return str(self.data["sweep"]["id"])

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @property
    def state(self) -> str:
        return str(self.data["sweep"]["state"])

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._transport.url}/sweeps/{self.id}/"

    @property
    def progress(self) -> Progress:
        return Progress.of(self.data["sweep"])

    def refresh(self) -> "Sweep":
        self.data = self._transport.request("GET", f"sweeps/{self.id}/")
        return self

    # Verbs

    def start(self) -> "Sweep":
        """Raises `Refused` with every field that keeps it from starting."""
        return self._do("start")

    def pause(self, *, checkpoint: bool = False) -> "Sweep":
        """No new trial; the runner is free when those that run have ended. `checkpoint`: they leave at one instead."""
        return self._do("pause", {"checkpoint": checkpoint})

    def resume(self) -> "Sweep":
        return self._do("resume")

    def stop(self) -> "Sweep":
        """No new trial; those that run finish, and the sweep is complete."""
        return self._do("stop")

    def cancel(self) -> "Sweep":
        """Those that run end now."""
        return self._do("cancel")

    def extend(self, n_trials: int, *, timeout_s: float | None = None, max_failed_trials: int | None = None) -> "Sweep":
        """More trials for one that has ended: `n_trials` in all. `timeout_s`: from now; None is no limit.

        `max_failed_trials`: None leaves it as it was.
        """
        body: Json = {"n_trials": n_trials, "timeout_s": timeout_s}
        if max_failed_trials is not None:
            body["max_failed_trials"] = max_failed_trials
        return self._do("extend", body)

    def amend(self, **changes: Any) -> "Sweep":
        """`n_trials=`, `timeout_s=`, `max_failed_trials=`, `parameters={"learning_rate": {"high": 1e-3}}` while it runs."""
        return self._do("amend", changes)

    def archive(self) -> "Sweep":
        return self._do("archive")

    def restore(self) -> "Sweep":
        return self._do("restore")

    def delete(self) -> None:
        """For good, with its trials, curves and models."""
        self._transport.request("DELETE", f"sweeps/{self.id}/", body={"name": self.name})

    # Looks

    def trials(self) -> Iterator[Trial]:
        """All that have parameters, by number."""
        return self._trials.list(self.id)

    def trial(self, number: int) -> Trial:
        return self._trials.get(self.id, number)

    def add_trial(self, params: Mapping[str, Scalar]) -> Trial:
        return self._trials.add(self.id, params)

    def to_pandas(self) -> "pd.DataFrame":
        """A row for each trial: its number, state, value and times, and a column for each parameter. Needs pandas."""
        return frame_of(self.trials())

    def yaml(self) -> str:
        """The sweep as a document, which `create` makes again."""
        return self._transport.answer("GET", f"sweeps/{self.id}/yaml/").text

    def download_model(self, to: str | Path = ".") -> Path:
        """The best model as a zip, in this folder or under this name. `NotFound` while there is none."""
        return self._transport.download(f"sweeps/{self.id}/model/", Path(to))

    def export(self, to: str | Path = ".", form: str = "csv") -> Path:
        """The trials as a file: csv, json or parquet."""
        return self._transport.download(f"sweeps/{self.id}/trials/file.{form}", Path(to))

    def follow(self, every_s: float = EVERY_S, timeout_s: float | None = None) -> Iterator[Progress]:
        """How far it is, whenever that changes, until it is over. TimeoutError after `timeout_s`.

        A request that costs the server little asks whether there is news; a paused sweep is waited for.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        seen, tag = -1, ""
        while True:
            answer = self._transport.answer(
                "GET", f"sweeps/{self.id}/", headers={"If-None-Match": tag} if tag else None
            )
            if answer.status_code != 304:
                tag = answer.headers.get("ETag", "")
                self.data = answer.json()
                state = self.data["sweep"]
                if state["state"] == "draft":
                    raise HpwebError(NOT_STARTED)
                if state["position"] != seen or state["state"] in FINISHED:
                    seen = state["position"]
                    yield self._seen()
                    if self.state in FINISHED:
                        return
            if until is not None and time.monotonic() > until:
                raise TimeoutError(f"{self.name} is {self.state} after {timeout_s:g} seconds.")
            time.sleep(every_s)

    def wait(
        self,
        every_s: float = EVERY_S,
        timeout_s: float | None = None,
        tell: Callable[[Progress], None] | None = None,
    ) -> "Sweep":
        """Until it is over; `state` then says how it ended. `tell` is called with each news."""
        for progress in self.follow(every_s, timeout_s):
            if tell is not None:
                tell(progress)
        return self

    def _seen(self) -> Progress:
        """With the trials that matter now."""
        snapshot = self._transport.request("GET", f"sweeps/{self.id}/snapshot/")
        self.data["sweep"] = snapshot["sweep"]
        return Progress.of(snapshot["sweep"], tuple(Trial.of(row) for row in snapshot["trials"] if row["params"]))

    def _do(self, verb: str, body: Json | None = None) -> "Sweep":
        self.data["sweep"] = self._transport.request("POST", f"sweeps/{self.id}/{verb}/", body=body)["sweep"]
        return self


class Sweeps:
    """`client.sweeps`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, document: Document, *, name: str = "", start: bool = False) -> Sweep:
        """A draft of a YAML file, YAML text or dict; `start` starts it, or makes nothing where it cannot start.

        `name`: instead of the document's own. What keeps a draft from starting is in `data["problems"]`.
        """
        made = make(self._transport, "sweep", document, name=name, start=start)
        sweep = self.get(made["id"])
        sweep.data |= {"problems": made.get("problems", {}), "warnings": made.get("warnings", {})}
        return sweep

    def get(self, sweep: str) -> Sweep:
        """By its id."""
        return Sweep(self._transport, self._transport.request("GET", f"sweeps/{sweep}/"))

    def list(self, **filters: Any) -> Iterator[Json]:
        """A line for each: id, name, state, counted, n_trials, best, created_at. `filters`: those of the API's list."""
        return self._transport.pages("sweeps/", "sweeps", filters)
