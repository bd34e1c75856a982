"""A disk without room: nothing is torn, nothing is lost that memory can hold, and the rest ends with a sentence."""

import errno
import io
import json
from pathlib import Path
from typing import Any

import pytest

from runners.process import journal as journal_module
from runners.process.journal import Journal, Origin
from runners.process.room import is_full
from runners.process.search import reporter as reporter_module
from runners.process.search.reporter import Reporter
from runners.process.training.whole import Seam
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor


class Disk:
    """`room`: bytes that can still be written; None is as many as you like."""

    def __init__(self, room: int | None = None) -> None:
        self.room = room

    def file(self, path: Path) -> io.FileIO:
        disk = self

        class File(io.FileIO):
            def write(self, data: Any) -> int:
                given = bytes(data)
                if disk.room is None:
                    return super().write(given)
                if disk.room <= 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                part = given[: disk.room]
                disk.room -= len(part)
                return super().write(part)

        return File(str(path), "ab+")


def lines(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    assert not data or data.endswith(b"\n"), "torn"
    return [json.loads(line) for line in data.splitlines()]


def reporter_on(disk: Disk, path: Path) -> Reporter:
    reporter = Reporter(path, 0.0, lambda: None)
    reporter._file.close()
    reporter._file = disk.file(path)
    return reporter


def test_a_childs_events_wait_in_memory_until_there_is_room(tmp_path: Path) -> None:
    disk = Disk()
    reporter = reporter_on(disk, path := tmp_path / "c1.jsonl")
    reporter.emit("metrics", step=1)
    disk.room = 10
    for step in (2, 3, 4):
        reporter.emit("metrics", step=step)
        assert [line["step"] for line in lines(path)] == [1]
    disk.room = None
    reporter.emit("trial_finished", sync=True, step=5)
    assert [line["step"] for line in lines(path)] == [1, 2, 3, 4, 5]
    reporter.close()


def test_what_must_be_safe_waits_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(0)
    reporter = reporter_on(disk, path := tmp_path / "c1.jsonl")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        disk.room = None if len(naps) == 3 else 0

    monkeypatch.setattr("runners.process.search.reporter.time.sleep", nap)
    reporter.emit("trial_finished", sync=True, step=1)
    assert len(naps) == 3
    reporter.close()
    assert [line["step"] for line in lines(path)] == [1]


def test_after_long_waiting_the_process_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class GivenUp(Exception):
        pass

    def give_up() -> None:
        raise GivenUp

    monkeypatch.setattr(reporter_module, "give_up", give_up)
    monkeypatch.setattr(reporter_module, "PATIENCE_S", -1.0)
    reporter = reporter_on(Disk(0), tmp_path / "c1.jsonl")
    reporter.emit("metrics", step=1)
    with pytest.raises(GivenUp):
        reporter.emit("trial_finished", sync=True, step=2)
    reporter.close()


def log(number: int) -> dict[str, Any]:
    return {"t": 0.0, "type": "log", "stream": "runner", "text": f"line {number}"}


def test_a_journal_numbers_on_and_ships_only_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, path = Disk(), tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal._file.close()
    journal._file = disk.file(path)
    journal.append(log(1), Origin("c1.jsonl", 10))
    disk.room = 25
    for number in (2, 3):
        assert journal.append(log(number), Origin("c1.jsonl", 10 * number)).seq == number
    assert (journal.last_seq, journal.written_seq) == (3, 1)
    assert len(journal.read(1, 10, 10**6)) == 1
    # A crash now: what was not written is read from the spool again.
    again = Journal(path)
    assert (again.last_seq, again.origins) == (1, {"c1.jsonl": 10})
    again.close()
    disk.room = None
    assert journal.flush()
    assert journal.append(log(4)).seq == 4
    assert [json.loads(line)["seq"] for line in journal.read(1, 10, 10**6)] == [1, 2, 3, 4]
    disk.room = 0
    monkeypatch.setattr(journal_module, "MOST_WAITING", 200)
    journal.append(log(5))
    with pytest.raises(OSError, match="no room for more events") as refused:
        journal.append(log(6) | {"text": "x" * 200})
    assert is_full(refused.value)
    journal.cut(5)
    assert (journal.last_seq, journal.written_seq) == (4, 4)
    journal.close()


def full_at(step: int) -> Inside:
    """No checkpoint can be written at this step."""

    def inside() -> None:
        real = Seam.save

        def save(self: Seam, folder: Path) -> Any:
            if self._trainer.state.global_step == step:
                (folder / "half").write_bytes(b"half")
                raise RuntimeError("PytorchStreamWriter failed writing file: No space left on device")
            return real(self, folder)

        setattr(Seam, "save", save)  # noqa: B010 - in the forked child alone

    return inside


def test_training_goes_on_without_a_checkpoint_that_cannot_be_written(tmp_path: Path) -> None:
    arguments = {**IMAGES["arguments"], "num_train_epochs": 3}
    spec, files = sweep(IMAGES, 40, 1, arguments=arguments, checkpoints={"every": "steps", "steps": 1}, keep_best=False)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(1, full_at(1)) == 0, supervisor.output
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete"]
    saved = [event["step"] for event in supervisor.of_type("checkpoint_saved")]
    assert 1 not in saved
    assert saved
    assert "no checkpoint could be kept at step 1 (PytorchStreamWriter failed" in supervisor.output
    assert not list((supervisor.path / "checkpoints").glob("*/.new*"))


def test_words_of_others_for_a_full_disk() -> None:
    assert is_full(OSError(errno.EDQUOT, "quota"))
    assert is_full(RuntimeError("I/O error: No space left on device (os error 28)"))
    wrapped = ValueError("wrapped")
    wrapped.__cause__ = OSError(errno.ENOSPC, "full")
    assert is_full(wrapped)
    assert not is_full(OSError(errno.ENOENT, "absent"))
    assert not is_full(None)
