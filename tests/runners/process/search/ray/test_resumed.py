"""A changed rate and decay hold after a checkpoint is loaded."""

from typing import Any

import pytest
import torch
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from runners.process.search.ray.resumed import own_options

STEPS = 10


def made(rate: float, decay: float) -> tuple[Optimizer, LambdaLR]:
    weights = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
    groups = [{"params": [weights[0]], "weight_decay": decay}, {"params": [weights[1]], "weight_decay": 0.0}]
    optimizer = AdamW(groups, lr=rate)
    # As transformers has it: two steps of warm-up, so that the rate begins at 0.
    return optimizer, LambdaLR(optimizer, lambda step: step / 2 if step < 2 else (STEPS - step) / (STEPS - 2))


def trained(rate: float, decay: float, steps: int) -> tuple[dict[str, Any], dict[str, Any]]:
    optimizer, scheduler = made(rate, decay)
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
    return optimizer.state_dict(), scheduler.state_dict()


def resumed(rate: float, decay: float, state: tuple[dict[str, Any], dict[str, Any]]) -> tuple[Optimizer, LambdaLR]:
    optimizer, scheduler = made(rate, decay)
    with own_options(optimizer, scheduler):
        optimizer.load_state_dict(state[0])
        scheduler.load_state_dict(state[1])
    return optimizer, scheduler


def test_the_changed_rate_and_decay_act_at_once_and_later() -> None:
    optimizer, scheduler = resumed(0.4, 0.3, trained(0.1, 0.01, 4))
    for step in range(4, STEPS):
        for group in optimizer.param_groups:
            assert group["lr"] == pytest.approx(0.4 * (STEPS - step) / (STEPS - 2))
        assert [group["weight_decay"] for group in optimizer.param_groups] == [0.3, 0.0]
        optimizer.step()
        scheduler.step()


def test_without_a_change_all_is_as_it_was_saved() -> None:
    state = trained(0.1, 0.01, 7)
    optimizer, scheduler = resumed(0.1, 0.01, state)
    assert optimizer.state_dict()["param_groups"] == state[0]["param_groups"]
    assert scheduler.state_dict() == state[1]


def test_without_a_schedule_of_factors_the_reached_rate_stays() -> None:
    optimizer = SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1)
    with own_options(optimizer, object()):
        optimizer.param_groups[0]["lr"] = 0.05
    assert optimizer.param_groups[0]["lr"] == 0.05
