"""Each task through a real child: it learns, and measures what the catalogue says."""

from pathlib import Path

import pytest

from runners.process.forkserver.warm import warm_up
from runners.protocol.catalogue import catalogue
from tests.runners.process.samples import SAMPLES, Sample, sample_sweep
from tests.runners.process.small_supervisor import SmallSupervisor


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Children are forked from a process that has imported what they need, as a runner's are."""
    assert warm_up() == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.task)
def test_a_task_learns(sample: Sample, tmp_path: Path) -> None:
    spec, files = sample_sweep(sample)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    assert supervisor.failed is None
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete"], supervisor.output
    assert max(end["values"][0] for end in ends) > sample.learned
    entry = catalogue().task(sample.task)
    assert entry is not None
    assert {metric.name for metric in entry.metrics} <= set(ends[0]["metrics"])
