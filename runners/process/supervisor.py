"""The runner: says hello, listens, takes jobs, and ends in good order."""

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass

from runners.process.artifacts import Artifacts
from runners.process.checkpoints import forget_old
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.clock import JobClock
from runners.process.durable import write_durably
from runners.process.forkserver.handle import ForkServerHandle, NoForkServer
from runners.process.hardware import Hardware, versions
from runners.process.home import ClaimNote, Home
from runners.process.home_limit import HomeLimit
from runners.process.introduction import NotWelcome, introduce
from runners.process.jobs.claiming import claim_offer
from runners.process.jobs.inputs import Inputs
from runners.process.jobs.keeper import JobKeeper, Means
from runners.process.jobs.leftovers import Leftovers
from runners.process.jobs.mirrors import Mirrors
from runners.process.jobs.record import JobRecord
from runners.process.jobs.tokenizers import Tokenizers
from runners.process.journal import Journal
from runners.process.logs import pairs
from runners.process.packing.learned import Learned
from runners.process.packing.site import site_of
from runners.process.self_check import quick_checks, step_checks
from runners.process.settings import RunnerSettings
from runners.process.slots import Slots
from runners.process.wake import WakeUps
from runners.protocol import PROTOCOL_VERSION
from runners.protocol.catalogue import catalogue
from runners.protocol.job import Claim
from runners.protocol.runner import Check, Heartbeat, Hello, RunningJob, Welcome

logger = logging.getLogger(__name__)

_FIRST_HEARTBEAT_S = 5.0
_MIRRORS_S = 2.0
_ROOM_S = 10.0


class Fatal(Exception):
    """The runner cannot go on; the text says why and what to mend."""


@dataclass(eq=False)
class Place:
    """The slots of a job. `keeper` is there once it is claimed."""

    slots: list[int]
    task: asyncio.Task[None] | None = None
    keeper: JobKeeper | None = None


class Supervisor:
    """One runner. `forks`: where children come from. Make and run it in the main thread's event loop."""

    def __init__(self, settings: RunnerSettings, home: Home, client: ServerClient, forks: ForkServerHandle) -> None:
        self._settings = settings
        self._home = home
        self._client = client
        self._forks = forks
        self._hardware = Hardware(home.path)
        self._slots = Slots(settings.runner_slots, self._hardware.accelerators(), self._hardware.cpu_count)
        self._versions = versions()
        self._instance = secrets.token_hex(16)
        self._artifacts = Artifacts(home.artifacts, client)
        self._means = Means(
            client=client,
            forks=forks,
            inputs=Inputs(
                self._artifacts,
                Tokenizers(home.tokenizers, client, self._artifacts),
                settings.model_roots,
                stall_s=settings.runner_stall_s,
            ),
            mirrors=Mirrors(home.mirrors),
            learned=Learned(home.path / "packing.json"),
            versions=self._versions,
            on_bad_token=self._on_bad_token,
        )
        most = settings.runner_home_mb
        self._limit = HomeLimit(home, None if most is None else most * 10**6)
        self._places: dict[str, Place] = {}
        self._stopping = asyncio.Event()
        self._fatal: Fatal | None = None
        self._beat = asyncio.Event()
        self._heartbeat_s = _FIRST_HEARTBEAT_S
        self._say_hello = True
        self._recovered = False
        self._steps: tuple[Check, ...] = ()
        self._wake_ups = WakeUps(self.on_wake)

    async def run(self) -> None:
        """Work until stopped by SIGTERM or SIGINT. Raises `Fatal`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        warming = asyncio.create_task(self._warm())
        try:
            await self._unless_stopping(self._serve())
            await self._release_all()
        finally:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
            self._wake_ups.stop()
            await self._means.mirrors.aclose(_MIRRORS_S)
            await self._forks.aclose()
        if self._fatal:
            raise self._fatal

    def stop(self) -> None:
        """End in good order: no new jobs, the present ones are released."""
        if not self._stopping.is_set():
            logger.info("Stopping", extra=pairs(jobs=len(self._places)))
        self._stopping.set()

    def on_wake(self, job: str) -> None:
        """A wake-up named this job: look at it at once. Twice is as good as once."""
        if self._stopping.is_set():
            return
        place = self._places.get(job)
        if place is None:
            self._take(job)
        elif place.keeper:
            place.keeper.nudge()
        self._beat.set()

    async def _serve(self) -> None:
        recovering = asyncio.create_task(self._recover())
        try:
            while True:
                self._beat.clear()
                if self._say_hello:
                    await self._hello()
                await self._heartbeat()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._beat.wait(), self._heartbeat_s)
        finally:
            recovering.cancel()
            await asyncio.gather(recovering, return_exceptions=True)

    async def _recover(self) -> None:
        """Bring jobs of an earlier process to their end; once each had its turn, new ones are taken."""
        leftovers = Leftovers(self._home, self._client, self._on_bad_token)
        await leftovers.first()
        await asyncio.to_thread(forget_old, self._home.checkpoints, at_work=set())
        self._recovered = True
        self._beat.set()
        await leftovers.rest()

    async def _warm(self) -> None:
        try:
            await self._forks.ready()
        except NoForkServer as error:
            self._fail(str(error))
            return
        self._steps = await step_checks(self._hardware.accelerators())
        if self._steps:
            self._say_hello = True
            self._beat.set()

    async def _hello(self) -> None:
        """Say hello until the server answers."""
        hello = Hello(
            protocol_version=PROTOCOL_VERSION,
            instance=self._instance,
            hostname=self._hardware.hostname,
            pid=os.getpid(),
            slots=self._slots.count,
            cpu_count=self._hardware.cpu_count,
            memory_total=self._hardware.memory_total,
            accelerators=self._hardware.accelerators(),
            tasks=tuple(task.name for task in catalogue().tasks),
            versions=self._versions,
            checks=(*quick_checks(self._hardware, self._versions), *self._steps),
        )
        try:
            self._welcome(await introduce(self._client, hello, self._settings.server))
        except BadToken as error:
            self._on_bad_token(error)
            await asyncio.Event().wait()  # until we are stopped, which is now
        except NotWelcome as error:
            self._fail(str(error))
            await asyncio.Event().wait()

    def _welcome(self, welcome: Welcome) -> None:
        self._say_hello = False
        self._heartbeat_s = welcome.heartbeat_s
        self._wake_ups.listen(welcome.broker_url, welcome.broker_options, welcome.queue)
        logger.info(
            "Online",
            extra=pairs(
                runner=welcome.name,
                server=self._settings.server,
                slots=self._slots.count,
                version=welcome.server_version,
            ),
        )

    async def _heartbeat(self, *, stopping: bool = False) -> None:
        load = await asyncio.to_thread(self._hardware.load)
        heartbeat = Heartbeat(
            instance=self._instance,
            cpu_percent=load.cpu_percent,
            memory_used=load.memory_used,
            disk_free=load.disk_free,
            accelerators=await asyncio.to_thread(self._hardware.accelerators),
            jobs=tuple(_running(job, place) for job, place in self._places.items() if place.keeper),
            stopping=stopping,
            home=None if stopping else await asyncio.to_thread(self._limit.look, self._sweeps()),
        )
        try:
            answer = await self._client.heartbeat(heartbeat)
        except Unreachable as error:
            logger.debug("No answer to the heartbeat", extra=pairs(reason=error))
        except BadToken as error:
            self._on_bad_token(error)
        except Refused as refused:
            logger.warning("The heartbeat was refused", extra=pairs(reason=refused))
        else:
            self._say_hello = answer.hello
            if answer.hello:
                self._beat.set()
            for job in answer.offers:
                self._take(job)

    def _take(self, job: str) -> None:
        """Claim an offered job if it is not ours yet and there is room."""
        if job in self._places or self._stopping.is_set() or not self._recovered:
            return
        slot = self._slots.take()
        if slot is None:
            return
        # How many it needs is in the spec, which only a claim brings.
        place = self._places[job] = Place([slot])
        place.task = asyncio.create_task(self._keep(job, place))

    async def _keep(self, job: str, place: Place) -> None:
        """A job from the offer to its end."""
        folder = self._home.job(job)
        try:
            claim = Claim(claim_id=secrets.token_hex(16))
            folder.spool.mkdir(parents=True, exist_ok=True)
            write_durably(
                folder.path / "claim.json",
                ClaimNote(job=job, claim_id=claim.claim_id).model_dump_json().encode(),
            )
            claimed = await claim_offer(self._client, job, claim, self._on_bad_token)
            if claimed is None:
                shutil.rmtree(folder.path, ignore_errors=True)
                return
            t0 = time.monotonic()
            bare = claimed.model_copy(update={"secrets": {}})
            write_durably(folder.claimed_file, bare.model_dump_json().encode())
            journal = Journal(folder.journal)
            journal.skip_to(claimed.acked_seq)
            log_bytes = self._settings.runner_log_mb * 2**20
            record = JobRecord(folder, claimed, claim.claim_id, JobClock(t0), journal, log_bytes=log_bytes)
            device, device_name = await self._make_room(job, place, claimed.spec.processes)
            site = site_of(self._hardware, device, self._slots.count)
            place.keeper = JobKeeper(self._means, record, t0=t0, device=device, device_name=device_name, site=site)
            await asyncio.to_thread(forget_old, self._home.checkpoints, at_work=self._sweeps())
            logger.info("Job claimed", extra=pairs(job=job, sweep=claimed.sweep, device=device))
            if self._stopping.is_set():
                place.keeper.shut_down()
            if await place.keeper.run():
                await asyncio.to_thread(self._home.put_away, folder)
        except OSError:
            logger.exception("A job cannot be kept on this disk", extra=pairs(job=job))
        except Exception:
            logger.exception("A job ended in an error of the runner", extra=pairs(job=job))
        finally:
            del self._places[job]
            for slot in place.slots:
                self._slots.give_back(slot)
            self._beat.set()

    def _sweeps(self) -> set[str]:
        """Those that have a job here."""
        return {place.keeper.sweep for place in self._places.values() if place.keeper}

    async def _make_room(self, job: str, place: Place, processes: int) -> tuple[str, str]:
        """Take the further slots that the job needs. Its device, for torch and for people.

        The server counts as this runner does, but it hears of a job's end before the last of it is put away.
        """
        patience = time.monotonic() + _ROOM_S
        while True:
            place.slots += self._slots.take_further(place.slots, processes)
            if not self._slots.missing(place.slots, processes):
                break
            if time.monotonic() > patience:
                logger.warning(
                    "A job shares slots with others", extra=pairs(job=job, slots=len(place.slots), processes=processes)
                )
                break
            await asyncio.sleep(0.1)
        return self._slots.device(place.slots, processes)

    async def _unless_stopping(self, serving: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(serving)
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        for each in (task, stopping):
            each.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _release_all(self) -> None:
        """Release every job, together."""
        tasks = []
        for place in list(self._places.values()):
            if place.task is None:
                continue
            tasks.append(place.task)
            if place.keeper:
                place.keeper.shut_down()
            else:  # still claiming
                place.task.cancel()
        if self._fatal is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heartbeat(stopping=True), 2.0)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_bad_token(self, error: BadToken) -> None:
        self._fail(
            f"The server refuses this runner's token ({error.refusal.message}). "
            "Set HPWEB_RUNNER_TOKEN to a token from the Runners page."
        )

    def _fail(self, sentence: str) -> None:
        if self._fatal is None:
            self._fatal = Fatal(sentence)
        self._stopping.set()


def _running(job: str, place: Place) -> RunningJob:
    assert place.keeper is not None
    keeper = place.keeper
    return RunningJob(job=job, slots=len(place.slots), children=keeper.children(), trials=tuple(keeper.trials()))
