"""A search space as Ray Tune's dictionary of domains: what `hp_space(None)` returns."""

from typing import Any

from ray import tune

from runners.optimizers.compile_ray import Row, listed
from runners.protocol.space import CategoricalParameter, IntParameter, SearchSpace


def compiled_ray(space: SearchSpace, *, grid: bool = False) -> dict[str, Any]:
    """Name → domain, in row order. `grid`: every value of every row. Raises ValueError for a row without an end."""
    return {row.name: _grid(row) if grid else _domain(row) for row in space.parameters}


def _domain(row: Row) -> Any:
    values = listed(row)
    if values is not None:
        return tune.choice(list(range(len(values))))
    assert not isinstance(row, CategoricalParameter)
    if isinstance(row, IntParameter):
        # Ray's upper end of whole numbers is not drawn.
        return tune.lograndint(row.low, row.high + 1) if row.log else tune.randint(row.low, row.high + 1)
    return tune.loguniform(row.low, row.high) if row.log else tune.uniform(row.low, row.high)


def _grid(row: Row) -> Any:
    values = listed(row)
    if values is None and isinstance(row, IntParameter):
        values = list(range(row.low, row.high + 1))
        return tune.grid_search(values)
    if values is None:
        raise ValueError(f"a grid needs a step or choices for {row.name}.")
    return tune.grid_search(list(range(len(values))))
