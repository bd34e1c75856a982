"""An attempt that goes on from an earlier one's checkpoint: its curve begins with what that one had told.

What was told before a crash may arrive after the newer attempt has begun, so the curve is also woven anew then.
"""

from sweeps.models import Attempt, MetricChunk
from sweeps.queries.shapes import Figure
from sweeps.services.columns import ColumnData, Columns
from sweeps.services.figures import Directions, is_better, number_of

Evaluation = list[Figure | None]
"""A line of `intermediate`: step, epoch, value."""


def copy_earlier(earlier: Attempt, rows: Columns, attempt: Attempt, directions: Directions) -> Columns:
    """Give a new attempt what `earlier` had told up to the checkpoint. Returns the rows of its curve.

    `rows`: all of the earlier curve. Both attempts are still to be saved.
    """
    step = attempt.resumed_step or 0
    kept = _upto(rows.data(), step)
    attempt.intermediate = _evaluations(earlier, kept, step)
    attempt.last, attempt.best = _last_and_best(kept, directions)
    return kept


def weave(earlier: Attempt, later: Attempt, directions: Directions) -> None:
    """Put what `earlier` has told by now, up to the checkpoint, in front of what `later` told itself. Both are saved."""
    step = later.resumed_step or 0
    chunks = list(MetricChunk.objects.filter(attempt=later).order_by("first_seq"))
    own = _after(_joined(chunks).data(), step)
    told = [line for line in later.intermediate if not _before(line, own.epoch)]
    before = later.last
    whole = copy_earlier(earlier, stored_rows(earlier), later, directions)
    later.intermediate = [*later.intermediate, *told]
    whole.extend(own.data())
    last, later.best = _last_and_best(whole, directions)
    later.last = {**before, **last}
    later.save(update_fields=["intermediate", "last", "best"])
    if not whole.step:
        return
    first = chunks[0] if chunks else MetricChunk(attempt=later, first_seq=0)
    first.data, first.rows = whole.data(), len(whole.step)
    first.save()
    MetricChunk.objects.filter(pk__in=[chunk.pk for chunk in chunks[1:]]).delete()


def stored_rows(attempt: Attempt) -> Columns:
    """The attempt's curve as it is stored."""
    return _joined(list(MetricChunk.objects.filter(attempt=attempt).order_by("first_seq")))


def _last_and_best(rows: Columns, directions: Directions) -> tuple[dict[str, Figure], dict[str, Figure]]:
    last: dict[str, Figure] = {}
    best: dict[str, Figure] = {}
    for name, column in rows.values.items():
        direction = directions.of(name)
        for value in column:
            if value is None:
                continue
            last[name] = value
            known = number_of(best[name]) if name in best else None
            if direction is not None and is_better(number_of(value), known, direction):
                best[name] = value
    return last, best


def _joined(chunks: list[MetricChunk]) -> Columns:
    whole = Columns(0)
    for chunk in chunks:
        whole.extend(chunk.data)
    return whole


def _upto(data: ColumnData, step: int) -> Columns:
    return _cut(data, [place for place, at in enumerate(data["step"]) if at <= step])


def _after(data: ColumnData, step: int) -> Columns:
    return _cut(data, [place for place, at in enumerate(data["step"]) if at > step])


def _cut(data: ColumnData, places: list[int]) -> Columns:
    found = Columns(0)
    for place in places:
        values = {name: column[place] for name, column in data["values"].items()}
        told = {name: value for name, value in values.items() if value is not None}
        found.add(data["step"][place], data["epoch"][place], data["t"][place], told)
    return found


def _evaluations(earlier: Attempt, kept: Columns, step: int) -> list[Evaluation]:
    """Those of the earlier attempt that came before the checkpoint.

    A pruner may compare by another step than the Trainer's, so an evaluation's place is known by its epoch.
    """
    epochs = [epoch for epoch in kept.epoch if isinstance(epoch, int | float)]
    if not epochs:
        return [line for line in earlier.intermediate if line[0] <= step]
    return [line for line in earlier.intermediate if line[1] is not None and number_of(line[1]) <= max(epochs)]


def _before(line: Evaluation, epochs: list[Figure | None]) -> bool:
    """Whether an evaluation came before the attempt's own first row."""
    first = next((epoch for epoch in epochs if epoch is not None), None)
    if first is None or line[1] is None:
        return first is None
    return number_of(line[1]) < number_of(first)
