"""The journal: numbers without gaps, origins, and what survives a torn write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from runners.process.journal import Journal, Origin
from runners.protocol.events import Log, Metrics, event_adapter


def log(text: str, t: float = 1.0) -> dict[str, object]:
    return {"type": "log", "t": t, "stream": "runner", "text": text}


def metrics(step: int) -> dict[str, object]:
    return {
        "type": "metrics", "t": 2.0, "number": 0, "attempt": 1, "step": step, "epoch": None, "values": {"loss": "nan"},
    }  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def texts(lines: list[bytes]) -> list[tuple[int, str]]:
    events = [event_adapter.validate_json(line) for line in lines]
    return [(event.seq, event.text) for event in events if isinstance(event, Log)]


def test_events_are_numbered_from_one_and_read_back_from_anywhere(journal: Journal) -> None:
    for number in range(1, 6):
        journal.append(log(f"line {number}"))
    assert texts(journal.read(1, 100, 2**20)) == [(n, f"line {n}") for n in range(1, 6)]
    assert texts(journal.read(4, 100, 2**20)) == [(4, "line 4"), (5, "line 5")]
    assert texts(journal.read(2, 2, 2**20)) == [(2, "line 2"), (3, "line 3")]
    assert journal.read(6, 100, 2**20) == []


def test_a_batch_is_bounded_by_bytes_but_never_empty(journal: Journal) -> None:
    for _ in range(10):
        journal.append(log("x" * 1000))
    assert len(journal.read(1, 100, 3500)) == 3
    assert len(journal.read(1, 100, 10)) == 1


def test_what_is_no_event_is_not_numbered(journal: Journal) -> None:
    with pytest.raises(ValidationError):
        journal.append({"type": "log", "t": 1.0, "stream": "nowhere", "text": ""})
    assert journal.append(log("first")).seq == 1


def test_an_opened_journal_goes_on_where_it_ended(journal: Journal, path: Path) -> None:
    journal.append(log("one", t=3.5), Origin("c1.out", 10))
    journal.append(metrics(1), Origin("c1.jsonl", 77))
    journal.append(metrics(2), Origin("c1.jsonl", 150))
    journal.close()
    again = Journal(path)
    assert (again.last_seq, again.last_t) == (3, 3.5)
    assert again.origins == {"c1.out": 10, "c1.jsonl": 150}
    assert again.needs_sync
    assert [event.seq for event in again.events() if isinstance(event, Metrics)] == [2, 3]
    assert again.append(log("four")).seq == 4
    again.close()


@pytest.mark.parametrize(
    "torn", [b'{"origin":null,"event":{"seq":3', b"\0\0\0\0", b'{"origin":null,"event":{}}\n', b"\n"]
)
def test_a_torn_last_line_is_dropped(journal: Journal, path: Path, torn: bytes) -> None:
    journal.append(log("one"))
    journal.append(log("two"))
    journal.close()
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(torn)
    again = Journal(path)
    assert again.last_seq == 2
    assert path.read_bytes() == whole
    assert texts([again.append(log("three")).model_dump_json().encode()]) == [(3, "three")]
    assert texts(again.read(1, 10, 2**20)) == [(1, "one"), (2, "two"), (3, "three")]
    again.close()


def test_numbers_that_the_server_has_and_we_lost_are_skipped(journal: Journal, path: Path) -> None:
    journal.append(log("one"))
    journal.skip_to(4)
    assert journal.append(log("five")).seq == 5
    assert texts(journal.read(5, 10, 2**20)) == [(5, "five")]
    journal.close()
    again = Journal(path)
    assert again.last_seq == 5
    assert texts(again.read(5, 10, 2**20)) == [(5, "five")]
    again.close()


def test_the_refused_tail_can_be_cut_off(journal: Journal) -> None:
    for number in range(1, 6):
        journal.append(log(f"line {number}"))
    journal.cut(3)
    assert journal.append(log("the end")).seq == 3
    assert texts(journal.read(1, 10, 2**20)) == [(1, "line 1"), (2, "line 2"), (3, "the end")]


def test_only_facts_must_be_on_the_disk_before_they_are_shipped(journal: Journal) -> None:
    journal.append(metrics(1))
    journal.append(log("text"))
    assert not journal.needs_sync
    journal.append({"type": "permit_returned", "t": 1.0, "number": 0, "attempt": 1})
    needed = journal.needs_sync
    journal.sync()
    assert (needed, journal.needs_sync) == (True, False)


def test_a_full_disk_leaves_a_whole_journal(journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append(log("one"))

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, data: bytes) -> int:
            with path.open("ab") as file:
                file.write(data[:10])
            raise OSError(28, "No space left on device")

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_file", Full(journal._file))
        assert journal.append(log("two")).seq == 2
        assert texts(journal.read(1, 10, 2**20)) == [(1, "one")]
    assert journal.append(log("three")).seq == 3
    assert texts(journal.read(1, 10, 2**20)) == [(1, "one"), (2, "two"), (3, "three")]
