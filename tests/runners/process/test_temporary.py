"""Where a child's temporary files go, and that they go with the job."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.process import temporary
from runners.process.folder import JobFolder
from runners.process.home import Home


@pytest.fixture(autouse=True)
def unsettled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    yield
    tempfile.tempdir = None


def job_in(path: Path) -> JobFolder:
    home = Home(path)
    home.lock().release()
    folder = home.job("j" * 12)
    folder.path.mkdir()
    return folder


def test_files_go_into_the_jobs_folder_and_with_it(tmp_path: Path) -> None:
    job = job_in(tmp_path / "home")
    temporary.settle(job, "c1")
    handle, name = tempfile.mkstemp()
    os.close(handle)
    assert Path(name).resolve().is_relative_to(job.path / "tmp" / "c1")
    temporary.settle(job, "c2")
    tempfile.mkdtemp()
    temporary.remove_of(job, "c1")
    assert [path.name for path in (job.path / "tmp").iterdir()] == ["c2"]
    Home(tmp_path / "home").put_away(job)
    assert not list((tmp_path / "home").rglob("tmp*"))
    assert not os.path.lexists(temporary.short_name(job, "tmp"))


def test_a_long_path_gets_a_short_name_for_the_sake_of_sockets(tmp_path: Path) -> None:
    job = job_in(tmp_path / ("x" * 60))
    temporary.settle(job, "c1")
    assert len(tempfile.gettempdir()) < 45
    assert Path(tempfile.gettempdir()).resolve() == job.path.resolve() / "tmp" / "c1"
    temporary.remove_all(job)
    assert not os.path.lexists(temporary.short_name(job, "tmp"))


def test_a_short_name_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    job = job_in(tmp_path / ("x" * 60))
    link = temporary.short_name(job, "tmp")
    link.symlink_to(tmp_path)
    try:
        temporary.settle(job, "c1")
        assert tempfile.gettempdir() == str(job.path.resolve() / "tmp" / "c1")
        temporary.remove_all(job)
        assert link.readlink() == tmp_path
    finally:
        link.unlink()
