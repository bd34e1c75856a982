"""Wake-ups through a folder: a reader takes whole messages away, or none."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection

from runners.folder_broker import Transport


def connection(folder: Path) -> Any:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection(transport=Transport, transport_options={**options, "store_processed": False})  # type: ignore[no-untyped-call]  # kombu has no types


def test_messages_come_whole_and_in_order(tmp_path: Path) -> None:
    with connection(tmp_path) as sender, connection(tmp_path) as reader:
        queue = sender.SimpleQueue("hpweb.runner.A")
        for number in range(3):
            queue.put({"job": number})
        got = reader.SimpleQueue("hpweb.runner.A")
        messages = [got.get(timeout=2) for _ in range(3)]
        assert [message.payload for message in messages] == [{"job": number} for number in range(3)]
        for message in messages:
            message.ack()
    assert list(tmp_path.glob("*.msg*")) == []


def test_a_message_that_is_being_written_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    rename = Path.rename

    def look_first(part: Path, whole: Path) -> Path:
        with connection(tmp_path) as reader, pytest.raises(Empty):
            reader.SimpleQueue("q").get(timeout=0.2)
        seen.append(part.name)
        return rename(part, whole)

    monkeypatch.setattr(Path, "rename", look_first)
    with connection(tmp_path) as sender:
        sender.SimpleQueue("q").put("whole")
    assert len(seen) == 1
    with connection(tmp_path) as reader:
        assert reader.SimpleQueue("q").get(timeout=2).payload == "whole"
