"""A child: prepares the job, then trains one trial per permit until there are no more."""

import dataclasses
import gc
import os
import socket
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

from runners.process import temporary
from runners.process.channel import (
    AskPermit,
    Channel,
    ChannelClosed,
    EndSearch,
    Failed,
    PermitGiven,
    StoreTokenizer,
    TokenizerStored,
)
from runners.process.distributed.follower import follow
from runners.process.distributed.leader import Body, Group
from runners.process.distributed.rank import Rank
from runners.process.folder import JobFolder, Start
from runners.process.logging_events import capture_logging
from runners.process.packing.progress import ProgressWriter, progress_file
from runners.process.room import NO_MEMORY, NO_ROOM, is_full
from runners.process.search.backend import Setting
from runners.process.search.registry import make_backend
from runners.process.search.reporter import Reporter
from runners.process.training.failures import is_out_of_memory
from runners.process.training.prepare import Prepared, prepare
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.watch import Watch
from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec
from runners.protocol.states import FailureCode

DONE = 0
FAILED = 1
CHANNEL_CLOSED = 2
REPLACE = 3
"""Exit codes: no more permits; the job cannot go on; the supervisor is gone; this process must be replaced. `NO_ROOM` is one too."""


def main(folder: JobFolder, child: str, sock: socket.socket) -> int:
    """Run a child to its end, in a process of its own. Returns the exit code."""
    temporary.settle(folder, child)
    spec = folder.claimed().spec
    if spec.processes == 1:
        return Child(folder, child, sock).run()

    def body(index: int) -> Body:
        return Child(folder, child, sock).run if index == 0 else partial(_follow, folder)

    return Group(folder, child, Channel(sock).poke, REPLACE).lead(body)


def _follow(folder: JobFolder, rank: Rank) -> int:
    gc.freeze()
    _settle(folder.start(), folder.claimed().spec)
    rank.join()
    return follow(folder, rank)


class Child:
    """One child. `child` is its name, which also names its spool file."""

    def __init__(self, folder: JobFolder, child: str, sock: socket.socket) -> None:
        self._folder = folder
        self._name = child
        self._channel = Channel(sock)
        self._watch = Watch(sock, CHANNEL_CLOSED)
        self._claimed = folder.claimed()
        self._start = folder.start()
        self._reporter = Reporter(folder.spool / f"{child}.jsonl", self._start.t0, self._channel.poke)

    def run(self, rank: Rank | None = None) -> int:
        """To the end; the exit code. `rank`: this process in its group, of which it is the first."""
        # What was imported stays, so no collection need look through it.
        gc.freeze()
        try:
            capture_logging(self._reporter)
            _settle(self._start, self._claimed.spec)
            if rank:
                _check_group(self._start, self._claimed.spec)
                rank.join()
            return self._trials(rank)
        except ChannelClosed:
            return CHANNEL_CLOSED
        except InvalidSpec as refusal:
            return self._fail(FailureCode.INVALID_SPEC, refusal.message, refusal.field)
        except Exception as error:  # noqa: BLE001 - told to the supervisor and to the log
            if is_full(error):
                return NO_ROOM
            if is_out_of_memory(error):
                traceback.print_exc()
                return NO_MEMORY
            # Whatever broke outside a trial breaks for the next child too.
            traceback.print_exc()
            return self._fail(FailureCode.ERROR, f"{type(error).__name__}: {first_line(error)}")

    def _trials(self, rank: Rank | None) -> int:
        def report(prepared: Prepared) -> None:
            self._reporter.emit("job_prepared", sync=True, **dataclasses.asdict(prepared))

        workbench = prepare(
            self._folder,
            self._claimed.spec,
            self._start,
            store_tokenizer=self._store_tokenizer,
            report=report,
        )
        if rank:
            rank.prepared()
        pace = ProgressWriter(progress_file(self._folder.spool, self._name))
        setting = Setting(
            self._folder, self._claimed, workbench, self._reporter, self._name, self._end_search, rank, pace
        )
        backend = make_backend(setting)
        # Everything made so far lives as long as this process: collections need not look through it.
        gc.freeze()
        return DONE if backend.work(self._next_permit) else REPLACE

    def _next_permit(self) -> Permit | None:
        self._watch.asking = True
        answer = self._channel.ask(AskPermit())
        assert isinstance(answer, PermitGiven)
        # Without a permit the process is about to end by itself: the watch stays off. Ray's trials are still at work.
        self._watch.asking = answer.permit is None and self._claimed.spec.backend.name != "ray"
        return answer.permit

    def _end_search(self, reason: str) -> None:
        self._channel.send(EndSearch(reason=reason))

    def _store_tokenizer(self, key: str, folder: Path) -> Path:
        self._watch.asking = True
        answer = self._channel.ask(StoreTokenizer(key=key, folder=str(folder)))
        assert isinstance(answer, TokenizerStored)
        self._watch.asking = False
        return Path(answer.folder)

    def _fail(self, code: FailureCode, message: str, field: str = "") -> int:
        self._watch.asking = True
        try:
            self._channel.send(Failed(code=code.value, message=message, field=field))
        except ChannelClosed:
            return CHANNEL_CLOSED
        return FAILED


def _check_group(start: Start, spec: SweepSpec) -> None:
    """Raises `InvalidSpec` where trials cannot have several processes here."""
    if spec.backend.name != "optuna":
        raise InvalidSpec("processes", "Several processes for one trial need the backend optuna. Choose 1, or optuna.")
    kind, _, indices = start.device.partition(":")
    gpus = len(indices.split(","))
    if kind == "cuda" and gpus < spec.processes:
        raise InvalidSpec("processes", f"This runner has {gpus} GPU(s) for {spec.processes} processes. Choose {gpus}.")


def _settle(start: Start, spec: SweepSpec) -> None:
    """Device and threads of this process, before torch touches either."""
    kind, _, index = start.device.partition(":")
    os.environ["CUDA_VISIBLE_DEVICES"] = index if kind == "cuda" else ""
    torch.set_num_threads(spec.threads)
    # Bars that redraw themselves are noise in a log.
    hide_bars: Any = logging.disable_progress_bar
    hide_bars()
