"""The leader of a group: forks the ranks, watches them, and decides once what becomes of a trial that cannot end well."""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from runners.process.distributed import stacks
from runners.process.distributed.beats import Beats
from runners.process.distributed.ending import write_failure
from runners.process.distributed.rank import Rank, RankFailed
from runners.process.folder import JobFolder
from runners.process.forkserver.parent import die_with_parent
from runners.process.training.failures import Failure
from runners.protocol.states import FailureCode

Body = Callable[[Rank], int]
"""What a rank does; returns its exit code."""

_LOOK_S = 0.25
_SETTLE_S = 1.0
_LEAVE_S = 2.0
_BROKEN = 1


@dataclass(eq=False)
class Member:
    """A rank as the leader sees it. `code`: its exit code once it has ended, or minus the signal."""

    index: int
    pid: int
    pidfd: int
    words: socket.socket
    stack: Path
    heard: bytes = b""
    code: int | None = None


@dataclass
class Group:
    """The ranks of one child, and what they have said."""

    folder: JobFolder
    child: str
    poke: Callable[[], None]
    replace: int
    members: list[Member] = field(default_factory=list)
    failures: list[RankFailed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._start = self.folder.start()
        self._spec = self.folder.claimed().spec
        self._beats = Beats(self._spec.processes)
        self._poll = select.poll()

    def lead(self, bodies: Callable[[int], Body]) -> int:
        """Fork the ranks and watch over them. Returns the exit code of the child; no rank is left then."""
        try:
            self._fork(bodies)
            return self._watch()
        finally:
            self._kill()
            for member in self.members:
                member.stack.unlink(missing_ok=True)

    def _fork(self, bodies: Callable[[int], Body]) -> None:
        world = self._spec.processes
        orders = [socket.socketpair() for _ in range(world - 1)]
        for index in range(world):
            ours, theirs = socket.socketpair()
            stack = self.folder.spool / f"{self.child}.rank{index}.stack"
            leader = os.getpid()
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                mine = [sender for sender, _ in orders] if index == 0 else [orders[index - 1][1]]
                other = [sock for pair in orders for sock in pair if sock not in mine]
                for sock in (ours, *other, *(member.words for member in self.members)):
                    sock.close()
                self._live(partial(self._rank, index, theirs, mine), leader, stack, bodies(index))
            theirs.close()
            ours.setblocking(False)
            member = Member(index, pid, os.pidfd_open(pid), ours, stack)
            self.members.append(member)
            self._poll.register(member.pidfd, select.POLLIN)
            self._poll.register(ours, select.POLLIN)
        for pair in orders:
            for sock in pair:
                sock.close()

    def _rank(self, index: int, words: socket.socket, orders: list[socket.socket]) -> Rank:
        return Rank(
            index,
            self._spec.processes,
            device=self._start.device,
            threads=self._spec.threads,
            stall_s=self._start.stall_s,
            beats=self._beats,
            words=words,
            orders=orders,
        )

    def _live(self, make: Callable[[], Rank], leader: int, stack: Path, body: Body) -> NoReturn:
        """Be a rank, in the forked process, and never return."""
        code = _BROKEN
        try:
            die_with_parent(leader)
            stacks.answer(stack)
            code = body(make())
        except BaseException:  # noqa: BLE001 - the last frame of this process: say it and go
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)

    def _watch(self) -> int:
        while True:
            self._poll.poll(_LOOK_S * 1000)
            self._listen()
            if self.failures or any(member.code is not None for member in self.members):
                return self._decide()
            if self._beats.stalled(self._start.stall_s):
                return self._fail(self._where())

    def _listen(self) -> None:
        """Take in words and ends, without waiting."""
        for member in self.members:
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                while data := member.words.recv(65536):
                    member.heard += data
            *lines, member.heard = member.heard.split(b"\n")
            self.failures += [RankFailed(**json.loads(line)) for line in lines]
            if member.code is None:
                pid, status = os.waitpid(member.pid, os.WNOHANG)
                if pid:
                    member.code = os.waitstatus_to_exitcode(status)
                    self._poll.unregister(member.pidfd)
                    self._poll.unregister(member.words)

    def _decide(self) -> int:
        """One rank has failed or ended. What the others say of it in the next moment may be the better reason."""
        if not self.failures and self.members[0].code is not None and self.members[0].code >= 0:
            # Rank 0 has said itself what there was to say.
            self._leave()
            return self.members[0].code
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline and self._may_hear_more():
            time.sleep(0.02)
            self._listen()
        killed = [member for member in self.members if member.code is not None and member.code < 0]
        if killed:
            # NCCL aborts a process whose peer is gone: that one is not the first.
            first = [member for member in killed if member.code != -signal.SIGABRT]
            return self._lost((first or killed)[0])
        own = [said for said in self.failures if not said.peer]
        if own or not (ended := [member for member in self.members if member.code is not None]):
            return self._fail(self._reason(own or self.failures))
        _say(f"Process {ended[0].index} of {len(self.members)} ended with exit code {ended[0].code}.")
        return _BROKEN

    def _may_hear_more(self) -> bool:
        """A rank that failed by itself need not be waited for, unless the same befell the others."""
        said = {failure.rank for failure in self.failures}
        return any(member.code is None and member.index not in said for member in self.members)

    def _reason(self, failures: list[RankFailed]) -> Failure:
        first = min(failures, key=lambda said: said.rank)
        failure = first.failure
        if len({said.rank for said in failures}) == len(self.members):
            return failure  # all say so: it is the trial, not a process
        return Failure(
            failure.code, f"Process {first.rank} of {len(self.members)}: {failure.message}", failure.traceback
        )

    def _where(self) -> Failure:
        """The failure of a group that does not move: where each of its ranks stands."""
        found = stacks.ask({member.pid: member.stack for member in self.members})
        parts, texts = [], []
        for member in self.members:
            text = found[member.pid]
            place = stacks.place(text) or "no place that it could tell: it does not answer"
            parts.append(f"process {member.index} of {len(self.members)} in {place}")
            texts.append(f"Process {member.index}:\n{text or 'no answer'}")
        text = "\n".join(texts)
        _say(f"No progress for {self._start.stall_s:g} s.\n{text}")
        return Failure(
            FailureCode.ERROR,
            f"No progress for {self._start.stall_s:g} s; the trial was ended. {'; '.join(parts)}. Steps that take longer "
            "need a larger HPWEB_RUNNER_STALL_S on the runner.",
            text,
        )

    def _fail(self, failure: Failure) -> int:
        """End the group, and its trial as failed. Another group goes on."""
        self._kill()
        spool = self.folder.spool / f"{self.child}.jsonl"
        if write_failure(spool, self._start.t0, failure, self.poke):
            return self.replace
        _say(f"{failure.message}\n{failure.traceback}")
        return _BROKEN

    def _lost(self, member: Member) -> int:
        """A rank was killed from outside: this child ends in the same way, and its trial waits for another one."""
        assert member.code is not None
        name = signal.Signals(-member.code).name
        _say(f"Process {member.index} of {len(self.members)} was killed ({name}).")
        self._kill()
        if -member.code not in _UNCAUGHT:
            signal.signal(-member.code, signal.SIG_DFL)
        os.kill(os.getpid(), -member.code)
        return _BROKEN

    def _leave(self) -> None:
        """Let the others leave by themselves, since rank 0 has."""
        deadline = time.monotonic() + _LEAVE_S
        while time.monotonic() < deadline and any(member.code is None for member in self.members):
            time.sleep(0.01)
            self._listen()

    def _kill(self) -> None:
        for member in self.members:
            if member.code is None:
                os.kill(member.pid, signal.SIGKILL)
        for member in self.members:
            if member.code is None:
                _, status = os.waitpid(member.pid, 0)
                member.code = os.waitstatus_to_exitcode(status)


def _say(text: str) -> None:
    """Into the log, as an error: the supervisor repeats the last of those where a child is lost."""
    print(text, file=sys.stderr, flush=True)


_UNCAUGHT = frozenset({signal.SIGKILL, signal.SIGSTOP})
