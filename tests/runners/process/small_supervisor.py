"""The least supervisor that a child can live under: it forks children and hands out permits, and may kill them."""

import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runners.process import temporary
from runners.process.channel import (
    AskPermit,
    EndSearch,
    Failed,
    PermitGiven,
    Poke,
    StoreTokenizer,
    TokenizerStored,
    from_child,
)
from runners.process.folder import JobFolder, Start
from runners.protocol.job import Claimed, FinishedTrial, Permit
from runners.protocol.spec import SweepSpec

Inside = Callable[[], None]
"""Called in a new child before its entry: a test's hand in that process alone."""


def end() -> None:
    """End this process as the kernel would."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class SmallSupervisor:
    """Runs a job in `path`. `events` are the lines of all spool files, in order of writing."""

    path: Path
    spec: SweepSpec
    data: dict[str, str]
    history: tuple[FinishedTrial, ...] = ()
    tokenizer: str | None = None
    model_roots: tuple[str, ...] = ()
    checkpoints: Path | None = None
    """Where a trial's next attempt finds what it goes on from; in `path` unless given."""
    failed: Failed | None = None
    search_ended: str = ""
    children: int = 0
    permits: int = 0
    refused: int = 0
    lost: list[Permit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = JobFolder(self.path)
        self.folder.spool.mkdir(parents=True)
        weakref.finalize(self, temporary.remove_all, self.folder)
        claimed = Claimed(job="j" * 12, sweep="s" * 12, spec=self.spec, history=self.history, lease_s=30)
        self.folder.claimed_file.write_text(claimed.model_dump_json())
        self.t0 = time.monotonic()
        self._write_start()
        self._next = len(self.history)
        self._forking = threading.Lock()

    def _write_start(self) -> None:
        start = Start(
            t0=self.t0,
            data=self.data,
            tokenizer=self.tokenizer,
            checkpoints=str(self.checkpoints or self.path / "checkpoints"),
            model_roots=self.model_roots,
        )
        self.folder.start_file.write_text(start.model_dump_json())

    @property
    def events(self) -> list[dict[str, Any]]:
        files = sorted(self.folder.spool.glob("*.jsonl"), key=lambda file: int(file.stem[1:]))
        return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1]]

    @property
    def output(self) -> str:
        return "\n".join(file.read_text() for file in sorted(self.folder.spool.glob("*.out")))

    def of_type(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == name]

    def table(self) -> list[tuple[int, dict[str, Any], list[float]]]:
        """(number, parameters, values) of each finished trial."""
        params = {event["number"]: event["params"] for event in self.of_type("trial_started")}
        return [(e["number"], params[e["number"]], e["values"]) for e in self.of_type("trial_finished")]

    def run(self, n_trials: int, deaths: list[Inside] | None = None) -> None:
        """Until `n_trials` trials have finished, with a new child after each death. `deaths`: one per child to die."""
        deaths = list(deaths or [])
        while True:
            code = self.one_child(n_trials, deaths.pop(0) if deaths else None)
            if code == 0 or self.failed is not None:
                assert not deaths, "a child ended before it was killed"
                return
            if code == 3:  # it asks to be replaced after a failed trial
                assert self.of_type("trial_finished")[-1]["state"] == "fail"
                continue
            assert code == -signal.SIGKILL, f"exit code {code}\n{self.output}"
            self.take_up()

    def run_side_by_side(self, n_trials: int, children: int) -> None:
        """Several children at once over the same job, until `n_trials` trials have finished."""
        codes: list[int] = []
        threads = [threading.Thread(target=lambda: codes.append(self.one_child(n_trials))) for _ in range(children)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert codes == [0] * children, self.output

    def one_child(self, n_trials: int, inside: Inside | None = None) -> int:
        """One child until it ends; its exit code, or minus the signal."""
        ours, pid = self.start_child(inside)
        self.serve(ours, n_trials)
        ours.close()
        _, state = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(state)

    def serve(self, ours: socket.socket, n_trials: int, until: Callable[[], bool] = lambda: False) -> None:
        """Answer a child until it closes its end, or until `until` is true after one of its messages."""
        buffer = b""
        while not until() and (data := ours.recv(65536)):
            buffer += data
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                self._answer(ours, line, n_trials)

    def start_child(self, inside: Inside | None = None) -> tuple[socket.socket, int]:
        """(our end of its channel, its process id)."""
        with self._forking:
            return self._start_child(inside)

    def _start_child(self, inside: Inside | None) -> tuple[socket.socket, int]:
        self.children += 1
        name = f"c{self.children}"
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            theirs.close()
            return ours, pid
        code = 99
        try:
            ours.close()
            out = os.open(self.folder.spool / f"{name}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
            # A child warns into its log; that a warning is an error is a rule of tests.
            warnings.simplefilter("default")
            if inside is not None:
                inside()
            from runners.process import child

            code = child.main(self.folder, name, theirs)
        except BaseException:  # noqa: BLE001 - the last frame of a forked process
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _answer(self, sock: socket.socket, line: bytes, n_trials: int) -> None:
        match from_child.validate_json(line):
            case AskPermit():
                sock.sendall(PermitGiven(permit=self._permit(n_trials)).model_dump_json().encode() + b"\n")
            case StoreTokenizer(folder=folder):
                self.tokenizer = folder
                self._write_start()
                sock.sendall(TokenizerStored(folder=folder).model_dump_json().encode() + b"\n")
            case Failed() as failed:
                self.failed = failed
            case EndSearch() as ended:
                self.search_ended = ended.reason
            case Poke():
                pass

    def _permit(self, n_trials: int) -> Permit | None:
        if self.lost:
            return self.lost.pop(0)
        if self._next >= n_trials or self.search_ended:
            self.refused += 1
            return None
        self._next += 1
        self.permits += 1
        return Permit(number=self._next - 1, attempt=1)

    def take_up(self) -> None:
        """What the server would grant again after a child's death: what began and did not finish, or never began."""
        finished = {event["number"] for event in self.of_type("trial_finished")}
        begun: dict[int, dict[str, Any]] = {event["number"]: event for event in self.of_type("trial_started")}
        for number in range(len(self.history), self._next):
            if number in finished or any(permit.number == number for permit in self.lost):
                continue
            event = begun.get(number)
            if event is None:
                self.lost.append(Permit(number=number, attempt=1))
            else:
                self.lost.append(
                    Permit(
                        number=number,
                        attempt=event["attempt"] + 1,
                        params=event["params"],
                        lost_optuna_number=event["optuna_number"],
                    )
                )
