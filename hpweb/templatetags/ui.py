"""Filters for pages: numbers, durations and sizes, short and aligned.

`static/js/format.js` writes the same forms in the browser, so that a live page never changes a figure's look; both are
tested against `tests/js/format_cases.json`.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hpweb.markdown import to_html

register = template.Library()

NONE: Final = "–"
NAMED: Final = {"nan": "NaN", "inf": "∞", "-inf": "−∞"}
DIGITS: Final = 4
WHOLE: Final = 10**15
UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


@register.filter
def number(value: object) -> str:
    """A parameter's value: at most four significant digits, no trailing zeros; text, true, false and none as words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # JSON does not tell 1 from 1.0, so whole numbers, such as a seed, are written in full.
        if math.isfinite(value) and value == int(value) and abs(value) < WHOLE:
            return _minus(str(int(value)))
        return _short(float(value), pad=False)
    return NAMED.get(str(value), str(value))


@register.filter
def metric(value: object) -> str:
    """A measured value: exactly four significant digits, so that a column of them can be compared; a dash for none."""
    if value is None or value == "" or isinstance(value, bool):
        return NONE
    if isinstance(value, int | float):
        return _short(float(value), pad=True)
    return NAMED.get(str(value), str(value))


@register.filter
def duration(value: object) -> str:
    """Seconds as `3.4 s`, `42 s`, `3 min 05 s`, `1 h 05 min` or `2 d 3 h`; a dash for none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NONE
    value = max(float(value), 0.0)
    tenths = _half_up(value, 1)
    if float(tenths) < 10:
        return f"{tenths} s"
    seconds = int(_half_up(value, 0))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    minutes = seconds // 60
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    hours = minutes // 60
    return f"{hours // 24} d {hours % 24} h"


@register.filter
def size(value: object) -> str:
    """Bytes as `812 B` or `4.2 MB`, in powers of a thousand; a dash for none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NONE
    amount, unit = float(value), 0
    while amount >= 999.5 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    places = 1 if unit and amount < 99.95 else 0
    return f"{_half_up(amount, places)} {UNITS[unit]}"


@register.filter
def age(value: datetime | None) -> str:
    """How long ago, in one unit: `now`, `5 min ago`, `3 h ago`, `12 d ago`; a dash for none."""
    if value is None:
        return NONE
    seconds = (timezone.now() - value).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "now"


@register.filter
def item(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """`mapping[key]`, for keys that a template can't write; none when it is not there."""
    return mapping.get(key) if mapping else None


@register.filter
def place(values: Sequence[Any] | None, index: int) -> Any:
    """`values[index]`, or none when there are not so many."""
    return values[index] if values and index < len(values) else None


@register.filter
def breakable(name: object) -> SafeString:
    """A name such as `per_device_train_batch_size`, which may be broken after its underscores and dots."""
    return mark_safe(re.sub(r"([_.])", r"\1<wbr>", escape(str(name))))  # noqa: S308  # escaped here


@register.filter
def percent(value: object, whole: object) -> str:
    """`value` of `whole` as `42 %`; a dash when that means nothing."""
    if not isinstance(value, int | float) or not isinstance(whole, int | float) or not whole:
        return NONE
    return f"{_half_up(100 * value / whole, 0)} %"


def _short(value: float, *, pad: bool) -> str:
    if math.isnan(value):
        return NAMED["nan"]
    if math.isinf(value):
        return NAMED["inf"] if value > 0 else NAMED["-inf"]
    if value == 0:
        return "0"
    # ROUND_HALF_UP on the double's exact value is what JavaScript's toPrecision does.
    exact = Decimal(value)
    exponent = exact.adjusted()
    rounded = exact.quantize(Decimal(1).scaleb(exponent - DIGITS + 1), ROUND_HALF_UP)
    exponent = rounded.adjusted()
    if -4 <= exponent < 6:
        places = max(DIGITS - 1 - exponent, 0)
        text = f"{rounded:.{places}f}"
        if not pad and "." in text:
            text = text.rstrip("0").rstrip(".")
        return _minus(text)
    mantissa = f"{rounded.scaleb(-exponent):.{DIGITS - 1}f}"
    if not pad:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return _minus(f"{mantissa}e{exponent}")


def _half_up(value: float, places: int) -> str:
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _minus(text: str) -> str:
    return text.replace("-", "−")


@register.filter
def as_json(value: object) -> str:
    """As JSON, for an attribute that a script reads."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@register.filter
def markdown(text: object) -> SafeString:
    """Markdown that a person wrote, as safe HTML."""
    return to_html(str(text))
