"""What every test may ask for."""

import os

import pytest

from tests.factories import Cast, make_cast

# A pool of threads on two cores that are busy already makes tests slower, never quicker.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice (owner), Bob (member), Vera (viewer) of one team; Charlie of another."""
    return make_cast()
