"""A child with a witness: what the Trainer logs goes to a file of its own too, past hpweb's spool and journal.

`python -m tests.chaos.witness` is a runner whose children are such. `CHAOS_WITNESS` names the folder.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from runners.process.folder import JobFolder

VARIABLE = "CHAOS_WITNESS"
BATCH_MB = "CHAOS_BATCH_MB"
"""Where it is set, the runner sends so much at once, whatever the server takes."""


def run_child(folder: JobFolder, child: str, sock: socket.socket) -> int:
    """As `runners.process.child:main`, watched. A file `shout` in the folder makes the child print ten mebibytes once."""
    from transformers import TrainerCallback, trainer

    from runners.process.child import main
    from runners.process.search.session import Session

    place = Path(os.environ[VARIABLE])
    file = (place / f"{folder.claimed().sweep}-{folder.path.name}-{child}.jsonl").open("ab", buffering=0)
    begin = Session.begin
    key: list[int] = []

    def begun(self: Session, outcome: Any) -> None:
        key[:] = [outcome.permit.number, outcome.permit.attempt]
        begin(self, outcome)

    class Witness(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            values = {name: value for name, value in (logs or {}).items() if name != "epoch"}
            line = {"at": time.monotonic(), "key": key, "step": state.global_step, "values": values}
            file.write(json.dumps(line).encode() + b"\n")
            if (place / "shout").exists():
                (place / "shout").unlink(missing_ok=True)
                sys.stdout.write(("A long line of output. " * 40 + "\n") * 11_400)

    Session.begin = begun  # type: ignore[method-assign]  # the witness must know the trial, which the Trainer does not
    trainer.DEFAULT_CALLBACKS.append(Witness)  # type: ignore[arg-type]  # typed by its first members upstream
    return main(folder, child, sock)


if __name__ == "__main__":
    from runners.process.__main__ import main as run_runner
    from runners.process.jobs import shipping

    if BATCH_MB in os.environ:
        shipping.BATCH_BYTES = int(os.environ[BATCH_MB]) * 2**20
    sys.exit(run_runner("tests.chaos.witness:run_child"))
