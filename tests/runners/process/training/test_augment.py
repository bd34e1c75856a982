"""Images changed at random: what is moved is moved, and nothing is drawn where nothing is changed."""

import numpy as np
import pytest
import torch

from runners.process.training.augment import augmentation, moved, turned
from runners.process.training.pixels import PixelRows

IMAGE = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)


def test_nothing_is_drawn_where_nothing_is_changed() -> None:
    assert augmentation(flip=False, crop=0, rotation=0.0) is None
    torch.manual_seed(3)
    before = torch.get_rng_state()
    rows = PixelRows(lambda _: IMAGE, np.zeros(1, dtype=np.int64), np.arange(1), None)
    assert rows[0]["pixel_values"] is IMAGE
    assert torch.equal(torch.get_rng_state(), before)


def test_an_image_is_moved_and_its_edge_fills_the_gap() -> None:
    down = moved(IMAGE, 1, 0)
    assert np.array_equal(down[:, 1:], IMAGE[:, :-1])
    assert np.array_equal(down[:, 0], IMAGE[:, 0])
    left = moved(IMAGE, 0, -2)
    assert np.array_equal(left[..., :2], IMAGE[..., 2:])
    assert np.array_equal(left[..., 2], left[..., 3])


def test_an_image_is_turned_about_its_middle() -> None:
    square = np.zeros((1, 5, 5), dtype=np.float32)
    square[0, 0, 2] = 1  # at the top
    assert turned(square, 90.0)[0, 2, 4] == pytest.approx(1.0, abs=1e-5)  # to the right: clockwise
    assert turned(square, 180.0)[0, 4, 2] == pytest.approx(1.0, abs=1e-5)
    wide = np.zeros((1, 5, 9), dtype=np.float32)
    wide[0, 0, 4] = 1
    # Two pixels above the middle become two pixels right of it, whatever the sides are.
    assert turned(wide, 90.0)[0, 2, 6] == pytest.approx(1.0, abs=1e-5)
    assert np.allclose(turned(IMAGE, 0.0), IMAGE, atol=1e-5)


def test_chance_is_torchs_so_the_seed_decides_and_each_time_differs() -> None:
    change = augmentation(flip=True, crop=2, rotation=10.0)
    assert change is not None

    def some() -> list[list[float]]:
        torch.manual_seed(5)
        return [change(IMAGE).ravel().tolist() for _ in range(6)]

    assert some() == some()
    assert len({tuple(one) for one in some()}) > 3
    assert all(change(IMAGE).dtype == np.float32 for _ in range(3))


def test_half_of_the_images_are_mirrored() -> None:
    change = augmentation(flip=True, crop=0, rotation=0.0)
    assert change is not None
    torch.manual_seed(0)
    outcomes = [change(IMAGE) for _ in range(200)]
    mirrored = sum(np.array_equal(one, IMAGE[..., ::-1]) for one in outcomes)
    assert mirrored + sum(np.array_equal(one, IMAGE) for one in outcomes) == 200
    assert 75 < mirrored < 125
