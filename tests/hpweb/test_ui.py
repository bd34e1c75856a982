"""Filters of the pages; the forms that the browser shares are in `tests/js/format_cases.json`."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from hpweb.templatetags import ui

CASES = json.loads((Path(__file__).parents[1] / "js" / "format_cases.json").read_text())


@pytest.mark.parametrize(
    ("name", "value", "text"), [(name, value, text) for name, cases in CASES.items() for value, text in cases]
)
def test_written_as_in_the_browser(name: str, value: Any, text: str) -> None:
    assert getattr(ui, name)(value) == text


def test_whole_floats_and_integers_look_alike() -> None:
    assert ui.number(32.0) == ui.number(32) == "32"
    assert ui.number(float("nan")) == "NaN"
    assert ui.metric(float("-inf")) == "−∞"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=5, seconds=3), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=12), "12 d ago"),
    ],
)
def test_age_in_one_unit(passed: timedelta, text: str) -> None:
    assert ui.age(timezone.now() - passed) == text


def test_age_of_nothing_and_percent_of_nothing() -> None:
    assert ui.age(None) == "–"
    assert ui.percent(1, 0) == "–"
    assert ui.percent(1, 3) == "33 %"


def test_breakable_escapes_and_breaks_after_underscores() -> None:
    assert ui.breakable("a_b.c<d") == "a_<wbr>b.<wbr>c&lt;d"
