"""The wrapped search algorithm: every trial begins with a permit."""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from ray.tune import Callback
from ray.tune.search.search_algorithm import SearchAlgorithm
from ray.tune.search.search_generator import SearchGenerator
from ray.tune.search.searcher import Searcher

from runners.process.channel import ChannelClosed
from runners.process.search.ray.draws import Draws
from runners.process.search.ray.sink import Drain
from runners.process.search.ray.trainer import ORIGIN
from runners.process.search.ray.trials import Trial, Trials
from runners.protocol.job import Permit

_CHANNEL_CLOSED = 2


class Permits:
    """Asks for one permit ahead in a thread, as Tune's loop may not wait for an answer."""

    def __init__(self, next_permit: Callable[[], Permit | None]) -> None:
        self._next = next_permit
        self._ready: queue.Queue[Permit | None] = queue.Queue(maxsize=1)
        self._wanted = threading.Semaphore(0)
        self._asked = False
        self.over = False
        threading.Thread(target=self._ask, name="permits", daemon=True).start()

    def take(self) -> Permit | None:
        """A permit when there is one now. `over` is true once there will be none any more."""
        if self.over:
            return None
        if not self._asked:
            self._asked = True
            self._wanted.release()
        try:
            permit = self._ready.get_nowait()
        except queue.Empty:
            return None
        self._asked = False
        self.over = permit is None
        return permit

    def _ask(self) -> None:
        while True:
            self._wanted.acquire()
            try:
                permit = self._next()
            except ChannelClosed:
                # The supervisor is gone: so are Ray's processes, which end with this one.
                os._exit(_CHANNEL_CLOSED)
            self._ready.put(permit)
            if permit is None:
                return


class PermitSearch(Searcher):
    """Ray's search algorithm for `tune.run`. Parameters come with the permit, or from `draws`."""

    def __init__(
        self,
        permits: Permits,
        draws: Draws,
        trials: Trials,
        *,
        at_once: int,
        mode: str,
        grant: Callable[[str, dict[str, Any]], None],
    ) -> None:
        super().__init__(metric="objective", mode=mode)
        self._grant = grant
        self._permits = permits
        self._draws = draws
        self._trials = trials
        self._at_once = at_once
        self.by_id: dict[str, Trial] = {}

    def set_search_properties(self, *_given: Any, **_spec: Any) -> bool:
        """The space is known already; Tune must not resolve it a second time."""
        return True

    def suggest(self, trial_id: str) -> Any:
        """A trial's config, FINISHED, or None for "not now"."""
        if self._trials.at_work() >= self._at_once:
            return None
        permit = self._permits.take()
        if permit is None:
            return Searcher.FINISHED if self._permits.over else None
        params = permit.params
        if params is None:
            params = self._draws.draw(trial_id, permit.number)
        if params is None:
            self._permits.over = True  # the space is used up; the unused permit goes back with the process
            return Searcher.FINISHED
        self.by_id[trial_id] = self._trials.add(permit, dict(params))
        self._grant(trial_id, permit.model_dump(mode="json", exclude={"params"}))
        return {**params, ORIGIN: permit.number}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        self._draws.result(trial_id, result)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        known = self.by_id.get(trial_id)
        # What was left at a checkpoint has no end yet: nothing is to be learned from it.
        left = known is not None and known.left
        self._draws.ended(trial_id, None if left else result, error=error or left)

    def on_pause(self, trial_id: str) -> None:
        """Asked by BOHB's scheduler."""
        self._draws.paused(trial_id, goes_on=False)

    def on_unpause(self, trial_id: str) -> None:
        """Asked by BOHB's scheduler."""
        self._draws.paused(trial_id, goes_on=True)

    def save(self, checkpoint_path: str) -> None:
        """Write nothing: another driver is told the history."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: see `save`."""


class PermitAlgorithm(SearchAlgorithm):
    """`PermitSearch` for Tune. Population-based training refuses Ray's own wrapper of a searcher, and needs none."""

    def __init__(self, search: PermitSearch) -> None:
        self._inner: Any = SearchGenerator(search)
        self.searcher = search
        """By this name BOHB's scheduler finds it."""

    def set_search_properties(self, *_given: Any, **_spec: Any) -> bool:
        """The space is known already; Tune must not resolve it a second time."""
        return True

    @property
    def total_samples(self) -> int:
        return int(self._inner.total_samples)

    def add_configurations(self, experiments: Any) -> None:
        self._inner.add_configurations(experiments)

    def next_trial(self) -> Any:
        return self._inner.next_trial()

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        self._inner.on_trial_result(trial_id, result)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        self._inner.on_trial_complete(trial_id, result, error)

    def is_finished(self) -> bool:
        return bool(self._inner.is_finished())

    def set_finished(self) -> None:
        self._inner.set_finished()

    def get_state(self) -> dict[str, Any]:
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Nothing: another driver is told the history."""


class Ends(Callback):
    """Tune's news of the end of trials, after everything that their workers have said."""

    def __init__(self, search: PermitSearch, trials: Trials, drain: Drain) -> None:
        self._search = search
        self._trials = trials
        self._drain = drain

    def on_trial_complete(self, *, trial: Any, **_told: Any) -> None:  # type: ignore[override]  # Tune passes by name
        self._drain.now()
        known = self._search.by_id.get(trial.trial_id)
        if known is not None:
            self._trials.stopped(known, _seconds(trial))

    def on_trial_error(self, *, trial: Any, **_told: Any) -> None:  # type: ignore[override]  # Tune passes by name
        self._drain.now()
        known = self._search.by_id.get(trial.trial_id)
        if known is None or known.finished:
            return
        text = _error(trial)
        last = text.strip().splitlines()[-1:] or ["The worker ended without a word."]
        self._trials.failed(known, _seconds(trial), f"Ray's worker failed: {last[0]}", text)


def _seconds(trial: Any) -> float:
    return float((trial.last_result or {}).get("time_total_s", 0.0))


def _error(trial: Any) -> str:
    try:
        with open(trial.error_file, encoding="utf-8") as file:  # noqa: PTH123 - Ray gives text
            return file.read()
    except (OSError, TypeError):
        return ""
