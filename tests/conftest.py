"""What every test may ask for."""

import os
from collections.abc import Iterator

import pytest

from tests.factories import Cast, make_cast
from tests.stack import Stack

# A pool of threads on two cores that are busy already makes tests slower, never quicker.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice (owner), Bob (member), Vera (viewer) of one team; Charlie of another."""
    return make_cast()


@pytest.fixture(scope="session")
def session_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One running program for all tests that need one: starting it costs some seconds."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    try:
        stack.prepare()
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(session_stack: Stack) -> Iterator[Stack]:
    """The running program: server, file-system broker, one runner. What the test before has killed runs again."""
    session_stack.heal()
    yield session_stack
    session_stack.heal()
    session_stack.cancel_all()
