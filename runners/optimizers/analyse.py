"""The analysis of a sweep, as a process of its own: `python -m runners.optimizers.analyse < asked > found`.

It can take a minute of a core, which a server process has not to spare: a thread of it would hold up every request.
"""

import os
import sys
from typing import Final

import optuna

from runners.optimizers.analysis import Asked, Found
from runners.optimizers.hypervolume import hypervolume
from runners.optimizers.importances import importances

NICENESS: Final = 15
"""Whatever else the machine has to do comes first."""


def analyse(asked: Asked) -> Found:
    """Everything at once."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    aims = [(aim.name, aim.direction) for aim in asked.objectives]
    return Found(
        importances=importances(asked.space, asked.params, asked.values, aims),
        hypervolume=hypervolume(asked.numbers, asked.values, [direction for _, direction in aims]),
    )


def main() -> int:
    """Read `Asked` from the input, write `Found` to the output."""
    os.nice(NICENESS)
    sys.stdout.write(analyse(Asked.model_validate_json(sys.stdin.buffer.read())).model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
