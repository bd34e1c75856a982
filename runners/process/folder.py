"""The folder of one job on the runner's disk: who writes what, where.

<home>/artifacts/<sha256>          files fetched from the server, shared by all jobs, read-only
<home>/tokenizers/<key>/           trained tokenizers, shared by all jobs
<home>/checkpoints/<sweep>/<number>/  what a trial's next attempt goes on from, see `checkpoints` (the child that runs it)
<home>/jobs/<job>/claimed.json     the answer to the claim, without its secrets   (supervisor)
<home>/jobs/<job>/start.json       `Start`: what a child must know beside it      (supervisor)
<home>/jobs/<job>/journal.jsonl    the job's journal, numbered events             (supervisor)
<home>/jobs/<job>/spool/<child>.jsonl  a child's events, not yet numbered         (that child, append only)
<home>/jobs/<job>/spool/<child>.out    a child's stdout                           (that child)
<home>/jobs/<job>/spool/<child>.err    a child's stderr                           (that child)
<home>/jobs/<job>/study.jsonl      Optuna's journal, a cache                      (children)
<home>/jobs/<job>/sampler.pickle   the sampler's state; never leaves this machine (children)
<home>/jobs/<job>/prepared/        tokenised data, shared by all children         (the first child)
<home>/jobs/<job>/trials/<number>/ a trial's output_dir                           (the child that runs it)
<home>/jobs/<job>/tmp/<child>/     a child's temporary files, see `temporary`     (that child and all it starts)
<home>/jobs/<job>/orders/<number>.json  what a person wants of a trial, see `orders`  (supervisor)
<home>/jobs/<job>/best/<number>/   the best trial's model, ready for from_pretrained (the child that ran it)
<home>/jobs/<job>/best.json        `{"number": …, "value": …}`, written after the folder (children, under a lock)

A job's folder moves to <home>/finished/<job>/, without its bulk, once the server has all of it (see `home`).
"""

from dataclasses import dataclass
from pathlib import Path

from runners.protocol.base import Message
from runners.protocol.job import Claimed


class Start(Message):
    """What a child must know beside the claim. `t0`: `time.monotonic()` of this machine when the job was claimed.

    `data`: split name → Parquet file (only for artifact data). `model_roots`: folders below which a `FolderModel` may
    lie. `tokenizer`: folder of the trained tokenizer when it exists already. `checkpoints`: the sweep's folder of them, ""
    where none are kept. `device`: "cpu", "cuda:<index>", or
    "cuda:<index>,<index>…" for as many processes. `stall_s`: a group of processes that does not move for so long hangs.
    """

    t0: float
    data: dict[str, str] = {}
    tokenizer_key: str | None = None
    tokenizer: str | None = None
    checkpoints: str = ""
    model_roots: tuple[str, ...] = ()
    device: str = "cpu"
    stall_s: float = 600.0


@dataclass(frozen=True)
class JobFolder:
    path: Path

    @property
    def claimed_file(self) -> Path:
        return self.path / "claimed.json"

    @property
    def start_file(self) -> Path:
        return self.path / "start.json"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def spool(self) -> Path:
        return self.path / "spool"

    @property
    def study(self) -> Path:
        return self.path / "study.jsonl"

    @property
    def sampler(self) -> Path:
        return self.path / "sampler.pickle"

    @property
    def orders(self) -> Path:
        return self.path / "orders"

    @property
    def prepared(self) -> Path:
        return self.path / "prepared"

    @property
    def best_file(self) -> Path:
        return self.path / "best.json"

    def trial(self, number: int) -> Path:
        return self.path / "trials" / str(number)

    def best(self, number: int) -> Path:
        return self.path / "best" / str(number)

    def claimed(self) -> Claimed:
        return Claimed.model_validate_json(self.claimed_file.read_bytes())

    def start(self) -> Start:
        return Start.model_validate_json(self.start_file.read_bytes())
