"""A runner's home near its limit: what goes, in which order, and what stays."""

import os
import time
from pathlib import Path

import pytest

from runners.process.folder import Start
from runners.process.home import Home
from runners.process.home_limit import HomeLimit, size_of, tidy, touch

KB = 1000
OLD_S = 7 * 86400.0


def write(path: Path, kilobytes: int, days: float) -> Path:
    """A file that was last used so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * (kilobytes * KB))
    at = time.time() - days * 86400
    os.utime(path, (at, at))
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """One of each kind, 10 kB each, all old. A job uses `data-2` and `key-2`."""
    home = Home(tmp_path / "home")
    home.lock().release()
    for number in (1, 2, 3):
        write(home.artifacts / f"data-{number}", 10, 30 - number)
    for number in (1, 2):
        write(home.tokenizers / f"key-{number}" / "tokenizer.json", 10, 20 - number)
        write(home.tokenizers / f"key-{number}.json", 0, 20 - number)
    write(home.finished / "old" / "journal.jsonl", 10, 15)
    write(home.checkpoints / "paused" / "0" / "1-5" / "model", 10, 40)
    write(home.checkpoints / "running" / "0" / "1-5" / "model", 10, 40)
    write(home.mirrors / "shown" / "events", 10, 50)
    job = home.job("AAAAAAAAAAAA")
    write(job.spool / "c1.jsonl", 10, 50)
    write(job.prepared / "train", 10, 50)
    start = Start(t0=0.0, data={"train": str(home.artifacts / "data-2")}, tokenizer=str(home.tokenizers / "key-2"))
    job.start_file.write_text(start.model_dump_json())
    for folder in (home.finished / "old", home.checkpoints / "paused", home.checkpoints / "running"):
        os.utime(folder, (0, 0))
    return home


def names(home: Home) -> set[str]:
    folders = (home.artifacts, home.tokenizers, home.finished, home.checkpoints, home.mirrors)
    return {path.name for folder in folders for path in folder.iterdir()}


def test_caches_go_oldest_first_and_nothing_that_is_used(home: Home) -> None:
    whole = size_of(home.path)
    assert tidy(home, most=whole, sweeps={"running"}) == whole
    gone = []
    before = names(home)
    for _ in range(9):
        tidy(home, most=size_of(home.path) - 1, sweeps={"running"})
        gone.append(before - names(home))
        before = names(home)
    assert gone[:5] == [{"data-1"}, {"data-3"}, {"key-1", "key-1.json"}, {"old"}, {"paused"}]
    assert gone[5:] == [set()] * 4
    assert before == {"data-2", "key-2", "key-2.json", "running", "shown"}
    assert size_of(home.jobs) > 20 * KB


def test_a_use_counts_and_the_content_is_believed_still(home: Home) -> None:
    data = home.artifacts / "data-1"
    changed = data.stat().st_mtime_ns
    touch(data)
    touch(home.tokenizers / "key-1.json")
    assert data.stat().st_mtime_ns == changed
    tidy(home, most=0, sweeps=set())
    # What was used a moment ago may be on its way to a job.
    assert {"data-1", "key-1"} <= names(home)


def test_the_heartbeat_tells_what_is_left(home: Home) -> None:
    assert HomeLimit(home, None).look(set()) is None
    limit = HomeLimit(home, 100 * KB)
    room = limit.look({"running"})
    assert room is not None
    assert room.limit == 100 * KB
    assert room.used == size_of(home.path) <= 80 * KB
    write(home.artifacts / "more", 50, 0)
    assert limit.look({"running"}) == room, "measured again only after a while"
