"""Trials as a table of pandas, which need not be installed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hpweb.client.errors import HpwebError
from hpweb.client.trials import Trial

if TYPE_CHECKING:
    import pandas as pd


def frame_of(trials: Iterable[Trial]) -> "pd.DataFrame":
    """Indexed by number. Of several objectives each has a column `value_0`, `value_1` …"""
    try:
        import pandas as pd
    except ImportError as error:
        raise HpwebError("to_pandas needs pandas: pip install pandas.") from error
    rows = [row_of(trial) for trial in trials]
    return pd.DataFrame(rows).set_index("number") if rows else pd.DataFrame()


def row_of(trial: Trial) -> dict[str, Any]:
    values = {f"value_{index}": value for index, value in enumerate(trial.values)} if len(trial.values) > 1 else {}
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        **values,
        **trial.params,
        "duration_s": trial.duration_s,
        "started_at": trial.started_at,
    }
