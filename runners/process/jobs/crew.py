"""The children of a job: started, given permits, replaced when they die, ended."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path

from runners.optimizers.ray_choices import most_begun
from runners.process import temporary
from runners.process.artifacts import NotIntact
from runners.process.backoff import Backoff
from runners.process.channel import AskPermit, EndSearch, Failed, FromChild, Poke, StoreTokenizer, TokenizerStored
from runners.process.client import Refused
from runners.process.forkserver.handle import ForkServerHandle, NoForkServer
from runners.process.jobs.child import Child
from runners.process.jobs.desk import PermitDesk
from runners.process.jobs.ending import Ending, failed
from runners.process.jobs.inputs import Inputs
from runners.process.jobs.mirrors import training_secrets
from runners.process.jobs.record import JobRecord
from runners.process.jobs.spooled import BadEvent
from runners.process.link import Link, NotUnderstood
from runners.process.logs import pairs
from runners.process.packing.packer import Packer
from runners.process.packing.site import backs_off
from runners.process.room import NO_MEMORY
from runners.protocol.job import Permit

logger = logging.getLogger(__name__)

MOST_DEATHS = 3
TICK_S = 0.2
TERM_GRACE_S = 0.8
KILL_GRACE_S = 1.0


class Crew:
    """`on_broken` is called when the job cannot go on. `run` returns when all seats are empty.

    A *seat* is the place of one child, also of one that has several trials at work; the child on it is replaced until no
    permit is left. `packer` says how many seats there are, and on how many of them trials train: the others stand by.
    """

    def __init__(
        self,
        record: JobRecord,
        forks: ForkServerHandle,
        inputs: Inputs,
        packer: Packer,
        *,
        on_broken: Callable[[Ending], None],
    ) -> None:
        self._record = record
        self._forks = forks
        self._inputs = inputs
        self._packer = packer
        self._plan = packer.plan
        self._on_broken = on_broken
        spec = record.claimed.spec
        # Ray keeps all of a job's trials at work in one process.
        self._many = spec.backend.name == "ray"
        self._room = most_begun(spec) if self._many else 1
        self._backs_off = backs_off(spec)
        self._begun = {trial.number for trial in record.claimed.history}
        self.desk: PermitDesk | None = None
        """Set before `run`; desk and crew need each other."""
        self._children: dict[str, Child] = {}
        self._started = 0
        self._deaths = 0
        self._prepared = asyncio.Event()
        self._no_more = False
        self._search_over = False
        self._closing = False
        self._closed = asyncio.Event()
        self._why_ended: str | None = None
        self._lose = True
        self._seats: list[asyncio.Task[None]] = []
        self._open = 0
        """Seats, without those whose child was told to end."""

    def trials(self) -> list[int]:
        """The numbers that are being trained now."""
        return sorted(number for child in self._children.values() for number, _ in child.trials)

    def size(self) -> int:
        return len(self._children)

    def need(self) -> tuple[int, int]:
        """How many permits are missing, and how many children wait for one. One is kept ahead for each child."""
        if self._no_more or self._closing:
            return 0, 0
        idle = sum(child.idle for child in self._children.values())
        busy = sum(child.asked and not child.dismissed for child in self._children.values())
        if not busy and self._prepared.is_set():
            busy = 1  # the first child will ask in a moment
        if not self._many:
            idle = min(idle, max(0, self._plan.children - self._working()))
            busy = min(busy, self._plan.children)
        return idle + busy - self._record.permits.ready, idle

    async def run(self) -> None:
        """Start the first child, the others once it has prepared the data, and see them all to their end."""
        ticker = asyncio.create_task(self._tick())
        try:
            self._fill()
            prepared = asyncio.create_task(self._prepared.wait())
            await asyncio.wait([self._seats[0], prepared], return_when=asyncio.FIRST_COMPLETED)
            prepared.cancel()
            if self._prepared.is_set():
                self._repack(at_first=True)
            while seats := [seat for seat in self._seats if not seat.done()]:
                await asyncio.wait(seats, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*self._seats, return_exceptions=True)
        finally:
            ticker.cancel()
            # Also when the job's folder stays for the next start: the short name must not outlive its children.
            await asyncio.to_thread(temporary.remove_all, self._record.folder)

    def no_more_permits(self) -> None:
        """Let the current trials finish and give out nothing any more."""
        self._no_more = True
        self.serve()

    def permits_again(self) -> None:
        """A stop was taken back: children that are still here go on, unless the search itself is over."""
        self._no_more = self._search_over
        self.serve()

    def serve(self) -> None:
        """Give ready permits to idle children, or tell them that there are none any more."""
        if self._no_more or self._closing:
            self._record.return_permits()
        over = self._no_more or (self.desk is not None and self.desk.exhausted)
        for child in self._children.values():
            if not child.idle:
                continue
            if self._open > self._most():
                self._give(child, None)
                continue
            permit = self._record.permits.take() if self._may_begin() else None
            if permit or (over and not self._record.permits.ready):
                self._give(child, permit)
        if self.desk:
            self.desk.look()

    def _most(self) -> int:
        """How many seats there are to be."""
        return 1 if self._many else self._plan.ready

    def _working(self) -> int:
        return sum(child.working for child in self._children.values())

    def _may_begin(self) -> bool:
        """Whether one more trial may train. Children that are one too many must be gone first: they hold memory."""
        return self._many or (self._working() < self._plan.children and len(self._children) <= self._most())

    def _give(self, child: Child, permit: Permit | None) -> None:
        if permit is None:
            self._open -= 1
        else:
            child.beside = self._others()
        child.give(permit)

    def _others(self) -> int:
        """Beside how many others a child trains, where that may be why it has no memory."""
        return len(self._children) - 1 if self._backs_off else 0

    def _fill(self) -> None:
        """Open the seats that are missing. Before the data is prepared there is one."""
        if self._over():
            return
        most = self._most() if self._prepared.is_set() else 1
        while self._open < most:
            self._open += 1
            self._seats.append(asyncio.create_task(self._seat()))

    def _repack(self, *, at_first: bool = False) -> None:
        """Do as the packer says by now."""
        plan = self._packer.plan
        if plan == self._plan and not at_first:
            return
        told = (plan.children, plan.why) != (self._plan.children, self._plan.why) or at_first
        self._plan = plan
        if told and self._packer.tells:
            self._record.note({"type": "packed", "children": plan.children, "why": plan.why})
        self._fill()
        self.serve()

    def _look(self) -> None:
        if not self._prepared.is_set() or self._over():
            return
        left = self._record.claimed.spec.budget.n_trials - len(self._begun)
        paces = [child.pace() for child in self._children.values()]
        self._packer.look(time.monotonic(), paces, max(left, self._record.permits.ready))
        self._repack()

    async def end(self, why: str | None) -> None:
        """End all children now and take in what they have written; `run` returns then.

        `why`: a sentence for the trials that are lost by it; None leaves them to the server, which has decided already.
        """
        self._closing, self._why_ended, self._lose = True, why, why is not None
        self._closed.set()
        self._signal(signal.SIGTERM)
        seats = [seat for seat in self._seats if not seat.done()]
        for patience, number in ((TERM_GRACE_S, signal.SIGKILL), (KILL_GRACE_S, signal.SIGKILL)):
            if seats and self._children:
                _, left = await asyncio.wait(seats, timeout=patience)
                seats = list(left)
                self._signal(number)
        for seat in seats:  # waiting for a process that has not been forked yet, or that the kernel cannot kill
            seat.cancel()
        await asyncio.gather(*self._seats, return_exceptions=True)
        self._record.return_permits()

    def _signal(self, number: int) -> None:
        for child in self._children.values():
            self._forks.signal(child.process, number)

    async def _tick(self) -> None:
        """Take in what was written without a poke: output, and events whose poke is still under way."""
        while True:
            await asyncio.sleep(TICK_S)
            for child in list(self._children.values()):
                self._take_in(child)
            self._look()

    async def _seat(self) -> None:
        backoff = Backoff(first=0.05, limit=5.0)
        while not self._closing and self._open <= self._most():
            try:
                child = await self._start()
            except (NoForkServer, OSError) as error:
                self._count_death(f"No training process can be started: {error}")
            else:
                if await self._attend(child) or child.dismissed:
                    return  # its seat was closed when it was told
                if self._over():
                    break
                if not self._deaths:  # it had been of use
                    backoff.reset()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), backoff.next())
        self._open -= 1

    def _over(self) -> bool:
        return self._closing or self._no_more or (self.desk is not None and self.desk.exhausted)

    async def _start(self) -> Child:
        self._started += 1
        name = f"c{self._started}"
        process = await self._forks.fork(self._record.folder, name, training_secrets(self._record.claimed.secrets))
        child = Child(name, process, await Link.open(process.sock), self._record)
        self._children[name] = child
        for each in self._children.values():
            each.beside = max(each.beside, self._others())
        self._record.note({"type": "child_started", "child": name, "pid": process.pid})
        logger.debug("Child started", extra=pairs(job=self._record.job, child=name, pid=process.pid))
        if self._closing:
            self._forks.signal(process, signal.SIGKILL)
        return child

    async def _attend(self, child: Child) -> bool:
        """Serve a child until it has ended. True when it left because it was told to."""
        try:
            while (message := await child.receive()) is not None:
                self._take_in(child)
                await self._heed(child, message)
        except NotUnderstood as error:
            self._break(failed("protocol_error", f"The training process {child.name} cannot be understood: {error}."))
        if not child.process.exited.done():
            lingering = asyncio.get_running_loop().call_later(2.0, self._forks.signal, child.process, signal.SIGKILL)
            code = await child.close()
            lingering.cancel()
        else:
            code = await child.close()
        self._take_in(child, final=True)
        del self._children[child.name]
        told = self._bury(child, code)
        self.serve()  # another one may have waited for its memory
        await asyncio.to_thread(temporary.remove_of, self._record.folder, child.name)
        return told

    async def _heed(self, child: Child, message: FromChild) -> None:
        match message:
            case Poke():
                pass  # what it points at is taken in already
            case AskPermit():
                self._on_ask(child)
            case StoreTokenizer():
                await self._on_tokenizer(child, message)
            case EndSearch():
                self._on_search_over(message.reason)
            case Failed():
                self._break(failed(message.code, message.message, message.field))

    def _on_ask(self, child: Child) -> None:
        if len(child.trials) >= self._room:
            number = child.trials[0][0]
            self._break(failed("protocol_error", f"{child.name} asks for a permit before the end of trial {number}."))
            return
        if self._room == 1:
            for permit in child.unused():
                self._return(child, permit)
        child.idle = child.asked = True
        self._prepared.set()
        self.serve()

    def _on_search_over(self, reason: str) -> None:
        if not self._search_over:
            self._search_over = True
            self._record.note({"type": "search_ended", "reason": reason})
            self.no_more_permits()

    def _return(self, child: Child, permit: Permit) -> None:
        self._record.note({"type": "permit_returned", "number": permit.number, "attempt": permit.attempt})
        child.permits.pop((permit.number, permit.attempt), None)

    async def _on_tokenizer(self, child: Child, message: StoreTokenizer) -> None:
        try:
            folder = await self._inputs.store_tokenizer(self._record, message.key, Path(message.folder))
        except (Refused, NotIntact, OSError, ValueError) as error:
            self._break(failed("error", f"The trained tokenizer could not be stored: {error}"))
        else:
            child.answer(TokenizerStored(folder=str(folder)))

    def _take_in(self, child: Child, *, final: bool = False) -> None:
        try:
            events = child.take_in(final=final)
        except BadEvent as error:
            self._break(failed("protocol_error", f"{error}"))
            return
        except OSError as error:
            self._break(failed("error", f"The runner cannot write its journal: {error}. Free space on its disk."))
            return
        for event in events:
            if event.type == "job_prepared":
                self._packer.prepared(event.model_parameters)
                self._prepared.set()
                if self.desk:
                    self.desk.look()
            elif event.type == "trial_started":
                self._begun.add(event.number)
            elif event.type == "trial_finished":
                self._deaths = 0
                if event.state != "fail":
                    self._packer.finished()
                self._record.checkpoints.forget(event.number)
            elif event.type == "attempt_left":
                self._deaths = 0
                self._begin_again()
            elif event.type == "attempt_backed_off":
                self._deaths = 0
                self._packer.out_of_memory(event.beside + 1)
                self._begin_again()
                self._repack()

    def _bury(self, child: Child, code: int) -> bool:
        """Note the end of a child. True when it left because it was told to."""
        running, unused = list(child.trials), child.unused()
        for permit in unused:
            self._return(child, permit)
        if unused and not self._closing:
            self._begin_again()
        if child.dismissed and code == 0 and not running:
            return True
        if child.useful and code >= 0 and not running and not self._closing:
            # It finished a trial and asks to be replaced: a failed trial may have left memory or state behind.
            logger.info("A child is replaced", extra=pairs(job=self._record.job, child=child.name, exit_code=code))
            return False
        words = self._why_ended or child.last_words(code)
        if code == NO_MEMORY and not running and not self._closing:
            return self._no_memory_to_start(words)
        if self._lose and (code != 0 or running):
            self._record.note(
                {
                    "type": "child_lost",
                    "child": child.name,
                    "exit_code": code,
                    "running": running,
                    "message": words[:4000],
                }
            )
        if self._closing:
            return False
        logger.warning(
            "A child ended", extra=pairs(job=self._record.job, child=child.name, exit_code=code, running=running)
        )
        if running:
            self._begin_again()
        self._count_death(words)
        return False

    def _no_memory_to_start(self, words: str) -> bool:
        """A child found no memory before it had a trial: beside others there are too many, alone nothing can be trained."""
        if self._children and self._backs_off:
            self._packer.out_of_memory(len(self._children) + 1)
            self._repack()
        else:
            self._break(failed("oom", words))
        return False

    def _begin_again(self) -> None:
        """A trial waits again: it comes next, before what was held ahead of it, which would get its draw."""
        self._record.return_permits()
        if self.desk:
            self.desk.reopen()

    def _count_death(self, words: str) -> None:
        self._deaths += 1
        if self._deaths >= MOST_DEATHS and not self._closing:
            self._break(failed("crashed", f"{MOST_DEATHS} training processes in a row died. {words}"))

    def _break(self, ending: Ending) -> None:
        self._closing = True  # nothing is started any more; `end` follows
        self._closed.set()
        self._on_broken(ending)
