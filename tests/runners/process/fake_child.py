"""A child without torch. What it does is written in its spec's `arguments`, prefixed `fake_`.

`seconds`: a trial's length · `steps`: metrics events in a trial · `crash_at`: SIGKILL itself in these trials' first
attempt (numbers, comma separated) · `crash_early`: before these begin · `crash_always`: in each · `refuse`: fails as invalid_spec · `print`: lines printed
in a trial · `oom_beside`: these trials run out of memory while there are more than so many children · `bad_event`: writes a line that is no event · `best`: keeps a model · `tokenizer`: stores one first · `stubborn`: ignores
SIGTERM.
"""

import fcntl
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from runners.process.channel import (
    AskPermit,
    Channel,
    ChannelClosed,
    Failed,
    PermitGiven,
    Poke,
    StoreTokenizer,
    TokenizerStored,
)
from runners.process.folder import JobFolder
from runners.process.orders import OrderOf
from runners.process.search.reporter import alive
from runners.protocol.job import Permit


class FakeChild:
    def __init__(self, folder: JobFolder, child: str, sock: socket.socket) -> None:
        self.folder, self.child = folder, child
        self.start = folder.start()
        self.spec = folder.claimed().spec
        self.channel = Channel(sock)
        self.spool = (folder.spool / f"{child}.jsonl").open("ab", buffering=0)
        fcntl.flock(self.spool, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def setting(self, name: str, default: Any = 0) -> Any:
        return self.spec.arguments.get(f"fake_{name}", default)

    def write(self, type_: str, **fields: Any) -> None:
        line = json.dumps({"type": type_, "t": time.monotonic() - self.start.t0, **fields})
        self.spool.write(line.encode() + b"\n")
        self.channel.send(Poke())

    def work(self) -> int:
        if self.setting("refuse"):
            self.channel.send(Failed(code="invalid_spec", message="No such model.", field="model.id"))
            return 1
        if self.setting("stubborn"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self.setting("tokenizer"):
            self.store_tokenizer()
        self.write("job_prepared", seconds=0.0, train_rows=1, eval_rows=1, model_parameters=1, checkpoint_bytes=1)
        while permit := self.next_permit():
            self.train(permit)
        return 0

    def next_permit(self) -> Permit | None:
        answer = self.channel.ask(AskPermit())
        assert isinstance(answer, PermitGiven)
        return answer.permit

    def store_tokenizer(self) -> None:
        trained = self.folder.path / "trained"
        trained.mkdir(exist_ok=True)
        (trained / "tokenizer.json").write_text(f'{{"by": "{self.child}"}}')
        stored = self.channel.ask(StoreTokenizer(key="ab" * 32, folder=str(trained)))
        assert isinstance(stored, TokenizerStored)
        print("tokenizer", [path.name for path in Path(stored.folder).iterdir()], flush=True)

    def train(self, permit: Permit) -> None:
        trial = {"number": permit.number, "attempt": permit.attempt}
        if str(permit.number) in str(self.setting("crash_early", "")).split(",") and permit.attempt == 1:
            time.sleep(0.3)  # the next permit is there meanwhile
            os.kill(os.getpid(), signal.SIGKILL)
        params: dict[str, Any] = permit.params or {"learning_rate": 0.001 * (permit.number + 1)}
        self.write("trial_started", **trial, child=self.child, params=params, optuna_number=permit.number, seed=1)
        for index in range(int(self.setting("print"))):
            print(f"line {index} of trial {permit.number} {os.environ.get('HF_TOKEN', '')}", flush=True)
        crash = str(permit.number) in str(self.setting("crash_at", "")).split(",") and permit.attempt == 1
        if crash or self.setting("crash_always"):
            print("about to crash", flush=True)
            self.spool.write(b'{"type": "met')  # torn
            os.kill(os.getpid(), signal.SIGKILL)
        if self.setting("bad_event"):
            self.write("nonsense")
        if self.out_of_memory(permit.number):
            self.write(
                "trial_finished",
                **trial,
                state="fail",
                duration_s=0.1,
                failure_code="oom",
                failure_message="No memory.",
            )
            sys.exit(3)
        steps = int(self.setting("steps", 2))
        for step in range(steps):
            time.sleep(float(self.setting("seconds", 0.01)) / steps)
            if OrderOf(self.folder, permit).act() == "checkpoint":
                self.leave(permit, step)
                return
            self.write("metrics", **trial, step=step + 1, epoch=0.5, values={"loss": 1.0 / (step + 1), "x": "nan"})
        if self.setting("best"):
            self.keep_model(permit.number)
        self.write("trial_finished", **trial, state="complete", values=[0.5], duration_s=0.1)

    def out_of_memory(self, number: int) -> bool:
        """`oom_beside` is "<most children>:<trial>,<trial>…": more living children than that are too many for these trials."""
        most, _, trials = str(self.setting("oom_beside", "")).partition(":")
        if str(number) not in trials.split(","):
            return False
        time.sleep(0.15)  # the others have begun meanwhile
        return sum(alive(file) for file in self.folder.spool.glob("*.jsonl")) > int(most)

    def leave(self, permit: Permit, step: int) -> None:
        trial = {"number": permit.number, "attempt": permit.attempt}
        folder = Path(self.start.checkpoints) / str(permit.number) / f"{permit.attempt}-{step}"
        folder.mkdir(parents=True)
        self.write("checkpoint_saved", **trial, step=step, bytes=1)
        self.write("attempt_left", **trial, step=step)

    def keep_model(self, number: int) -> None:
        best = self.folder.best(number)
        (best / "sub").mkdir(parents=True)
        (best / "model.safetensors").write_bytes(b"weights" * 1000 + bytes([number]))
        (best / "sub" / "config.json").write_text("{}")
        self.folder.best_file.write_text(json.dumps({"number": number, "value": 0.5}))


def main(folder: JobFolder, child: str, sock: socket.socket) -> int:
    try:
        return FakeChild(folder, child, sock).work()
    except ChannelClosed:
        return 3
