"""What a child prints and logs: by stream, with its trial and level, and not more than there is room for."""

import json
import logging
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runners.process.clock import JobClock
from runners.process.folder import JobFolder
from runners.process.jobs.record import JobRecord
from runners.process.jobs.spooled import SpooledChild
from runners.process.journal import Journal
from runners.process.logging_events import capture_logging
from runners.process.output import FORGET_BYTES
from runners.protocol.events import Log
from runners.protocol.job import Claimed
from tests.sweeps.talk import spec


@pytest.fixture
def record(tmp_path: Path) -> Iterator[JobRecord]:
    """Of a job whose log may have 200 bytes."""
    folder = JobFolder(tmp_path / "jobs" / "j")
    folder.spool.mkdir(parents=True)
    claimed = Claimed.model_validate({"job": "j" * 12, "sweep": "s" * 12, "spec": spec(), "lease_s": 30})
    journal = Journal(folder.journal)
    yield JobRecord(folder, claimed, "c" * 32, JobClock(time.monotonic()), journal, log_bytes=200)
    journal.close()


def entries(record: JobRecord) -> list[tuple[str, str, int | None, str]]:
    logs = [event for event in record.journal.events() if isinstance(event, Log)]
    return [(event.stream, event.level, event.number, event.text) for event in logs]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(f"{text}\n")


def line(type_: str, **fields: Any) -> str:
    return json.dumps({"t": 1.0, "type": type_, **fields}) + "\n"


def test_both_streams_and_the_logging_belong_to_the_trial_at_work(record: JobRecord) -> None:
    spool = record.folder.spool
    begun = line("trial_started", number=3, attempt=1, child="c1", params={}, optuna_number=0, seed=1)
    logged = line("log", stream="logging", level="warning", text="mine: too long")
    ended = line("trial_finished", number=3, attempt=1, state="complete", values=[0.5], duration_s=1.0)
    child = SpooledChild("c1", record)
    (spool / "c1.jsonl").write_text(logged + begun + logged)
    (spool / "c1.out").write_text("\x1b[32mgreen\x1b[0m\n 10%\r 99%\r100%\n")
    (spool / "c1.err").write_text("FutureWarning: old\n")
    child.take_in()
    with (spool / "c1.jsonl").open("a") as file:
        file.write(ended + logged)
    child.take_in(final=True)
    assert entries(record) == [
        ("logging", "warning", None, "mine: too long"),
        ("logging", "warning", 3, "mine: too long"),
        ("stdout", "", 3, "green\n100%"),
        ("stderr", "", 3, "FutureWarning: old"),
        ("logging", "warning", None, "mine: too long"),
    ]
    assert child.last_lines() == "FutureWarning: old"


def test_a_full_log_ends_with_a_notice_and_gives_the_disk_back(record: JobRecord) -> None:
    child = SpooledChild("c1", record)
    out = record.folder.spool / "c1.out"
    append(out, "x" * 190)
    child.take_in()
    append(out, "y" * 90)
    child.take_in()
    append(out, ("z" * 1999 + "\n") * (FORGET_BYTES // 2000 + 100))
    for _ in range(9):
        child.take_in()
    texts = [text for _, _, _, text in entries(record)]
    assert texts[0] == "x" * 190
    assert texts[1].startswith("The log of this job has reached 0.000190735 MB")
    assert len(texts) == 2
    assert out.stat().st_size == 0
    append(out, "last words")
    child.take_in(final=True)
    assert child.last_lines().endswith("last words")
    assert len(entries(record)) == 2


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        assert (type_, fields["stream"]) == ("log", "logging")
        self.events.append((fields["level"], fields["text"]))


@pytest.fixture
def heard() -> Iterator[Heard]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    found = Heard()
    capture_logging(found)
    try:
        yield found
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = before
        root.setLevel(level)


def test_what_is_logged_and_warned_has_its_level(heard: Heard) -> None:
    mine = logging.getLogger("my.metrics")
    mine.info("counted %d", 3)
    mine.debug("not this")
    logging.getLogger("urllib3.pool").info("nor this")
    try:
        raise ValueError("no such column")
    except ValueError:
        mine.exception("It broke")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", FutureWarning, stacklevel=1)
    assert heard.events[0] == ("info", "my.metrics: counted 3")
    level, text = heard.events[1]
    assert (level, text.splitlines()[0]) == ("error", "my.metrics: It broke")
    assert text.endswith("ValueError: no such column")
    level, text = heard.events[2]
    assert (level, "FutureWarning: old" in text) == ("warning", True)
    assert len(heard.events) == 3
