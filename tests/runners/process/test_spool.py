"""Following files by whole lines, and a child's output as text for people."""

import time
from pathlib import Path

import pytest

from runners.process.allowance import BURST, LINES_PER_SECOND
from runners.process.output import MAX_LINE, MAX_TEXT, OutputTail
from runners.process.redact import Redactor
from runners.process.spool import Line, LineTail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c1.out"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def output(path: Path, offset: int = 0) -> OutputTail:
    return OutputTail(path, offset, Redactor([]))


def test_a_file_that_is_not_there_yet_has_no_lines(path: Path) -> None:
    assert LineTail(path).read() == []


def test_a_torn_line_waits_for_its_end(path: Path) -> None:
    tail = LineTail(path)
    append(path, b"one\ntw")
    assert tail.read() == [Line(b"one", 4)]
    assert tail.read() == []
    append(path, b"o\nthree\n")
    assert tail.read() == [Line(b"two", 8), Line(b"three", 14)]


def test_reading_goes_on_from_an_offset(path: Path) -> None:
    append(path, b"one\ntwo\nthree\n")
    assert LineTail(path, 4).read() == [Line(b"two", 8), Line(b"three", 14)]


def test_a_line_without_end_is_given_out_in_pieces(path: Path) -> None:
    tail = LineTail(path, limit=10)
    append(path, b"x" * 25)
    assert tail.read() == [Line(b"x" * 10, 10), Line(b"x" * 10, 20)]
    assert tail.rest() == Line(b"x" * 5, 25)
    assert tail.rest() is None


def test_a_file_larger_than_a_chunk_is_read_to_its_end(path: Path) -> None:
    append(path, b"".join(b"%07d\n" % number for number in range(150_000)))
    tail, seen = LineTail(path), 0
    while lines := tail.read():
        for line in lines:
            assert line == (b"%07d" % seen, (seen + 1) * 8)
            seen += 1
    assert seen == 150_000


def test_output_is_one_piece_of_text_with_its_offset(path: Path) -> None:
    append(path, b"one\n\ntwo\nthr")
    tail = output(path)
    assert tail.read() == [("one\ntwo", 9)]
    assert tail.read() == []
    assert tail.read(final=True) == [("thr", 12)]
    assert tail.last_lines() == "one\ntwo\nthr"


def test_output_is_what_a_terminal_would_show(path: Path) -> None:
    append(path, b" 10%\r 50%\r100%\r\n\x1b[31mred\x1b[0m\x00\x07\ttab \xff\n")
    assert output(path).read() == [("100%\nred\ttab �", len(path.read_bytes()))]


def test_long_lines_are_cut_with_a_notice(path: Path) -> None:
    append(path, b"y" * (MAX_LINE + 7) + b"\n")
    ((text, _),) = output(path).read()
    assert text == "y" * MAX_LINE + " [7 characters cut]"


def test_pieces_fit_into_an_event(path: Path) -> None:
    append(path, b"".join(b"z" * 1999 + b"\n" for _ in range(20)))
    pieces = output(path).read()
    assert sum(text.count("z") for text, _ in pieces) == 20 * 1999
    assert max(len(text) for text, _ in pieces) <= MAX_TEXT + MAX_LINE
    assert pieces[-1][1] == 20 * 2000


def test_a_flood_is_capped_and_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    tail = output(path)
    append(path, b"a line\n" * (BURST + 500))
    assert sum(text.count("a line") for text, _ in tail.read()) == BURST
    now += 1.0
    append(path, b"after\n")
    ((text, _),) = tail.read()
    assert text == f"[500 lines left out: more than {LINES_PER_SECOND} a second]\nafter"


def test_secrets_are_blotted_out_plain_and_as_json_writes_them() -> None:
    redact = Redactor(["hf_secretvalue", 'quo"ted\\secret', "abc"])
    assert redact(b"token=hf_secretvalue abc") == b"token=[secret] abc"  # too short to be one
    assert redact(rb'{"text": "quo\"ted\\secret"}') == b'{"text": "[secret]"}'
    assert redact(b'quo"ted\\secret') == b"[secret]"
