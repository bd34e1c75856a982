"""Fewer points of a curve, so that it still looks the same: the least and the greatest of each stretch are kept.

The way of plotters of long signals (min-max decimation). Averages, or every n-th point, would lose the spikes that a
person looks for.
"""

from math import isfinite

from sweeps.queries.shapes import Curve, Figure


def thinned(curve: Curve, most: int) -> Curve:
    """At most `most` points (4 or more) of a curve, first and last among them, in order; itself where it is short enough."""
    if len(curve["value"]) <= most:
        return curve
    places = kept_places(curve["value"], most)
    return {
        "step": [curve["step"][place] for place in places],
        "epoch": [curve["epoch"][place] for place in places],
        "t": [curve["t"][place] for place in places],
        "value": [curve["value"][place] for place in places],
    }


def kept_places(values: list[Figure], most: int) -> list[int]:
    """Which of the values are kept, ascending."""
    last = len(values) - 1
    stretches = (most - 2) // 2
    kept = {0, last}
    for stretch in range(stretches):
        begin = 1 + stretch * (last - 1) // stretches
        end = 1 + (stretch + 1) * (last - 1) // stretches
        finite = [place for place in range(begin, end) if _is_finite(values[place])]
        if finite:
            kept.add(min(finite, key=lambda place: _number(values[place])))
            kept.add(max(finite, key=lambda place: _number(values[place])))
        elif begin < end:
            kept.add(begin)
    return sorted(kept)


def _is_finite(value: Figure) -> bool:
    return not isinstance(value, str) and isfinite(value)


def _number(value: Figure) -> float:
    return float(value)
