"""Images changed at random in training.

Chance comes from torch's own random state, which the trial's seed has set and which differs for each row and epoch.
Where nothing is to be changed no number is drawn, so that such a trial is the same as without this module.
"""

import numpy as np
import torch
from torch.nn import functional

from runners.process.training.pixels import Change
from runners.process.training.tables import Array


def augmentation(*, flip: bool, crop: int, rotation: float) -> Change | None:
    """What the settings do to one image of shape (channels, height, width); None where they do nothing.

    `flip`: mirror with probability 1/2. `crop`: move by up to so many pixels each way. `rotation`: turn by up to so many
    degrees each way. What comes in from outside is the edge, repeated.
    """
    if not flip and not crop and not rotation:
        return None

    def change(pixels: Array) -> Array:
        if flip and torch.rand(()) < 0.5:
            pixels = pixels[..., ::-1]
        if crop:
            pixels = moved(pixels, *torch.randint(-crop, crop + 1, (2,)).tolist())
        if rotation:
            pixels = turned(pixels, (2 * float(torch.rand(())) - 1) * rotation)
        return np.ascontiguousarray(pixels)

    return change


def moved(pixels: Array, down: int, right: int) -> Array:
    """The image moved by whole pixels."""
    _, height, width = pixels.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return pixels[:, rows][:, :, columns]


def turned(pixels: Array, degrees: float) -> Array:
    """The image turned about its middle, clockwise, with bilinear interpolation."""
    _, height, width = pixels.shape
    angle = np.deg2rad(degrees)
    # grid_sample measures both sides from -1 to 1, so an image that is not square needs their ratio.
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    matrix = torch.tensor([[cos, sin * height / width, 0.0], [-sin * width / height, cos, 0.0]])
    batch = torch.from_numpy(np.ascontiguousarray(pixels)).unsqueeze(0)
    grid = functional.affine_grid(matrix.unsqueeze(0), [1, *pixels.shape], align_corners=False)
    drawn = functional.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return drawn[0].numpy()
