"""The best of a real sweep, trained again with other seeds."""

import pytest

from tests.stack import Stack


@pytest.mark.full
def test_the_best_of_a_sweep_are_repeated_with_seeds_of_their_own(stack: Stack) -> None:
    parent = stack.sweep("images", n_trials=3, seed=7)
    before = stack.wait_finished(parent)
    values = {row["number"]: row["value"] for row in before["trials"]}
    answer = stack.client().post(f"/api/v1/sweeps/{parent}/confirm/", json={"best": 2, "seeds": 2})
    assert answer.status_code == 201, answer.text
    child = answer.json()["sweep"]["id"]
    whole = stack.wait_finished(child)
    assert (whole["sweep"]["state"], whole["sweep"]["counts"]["complete"]) == ("complete", 4)
    best = sorted(values, key=lambda number: values[number], reverse=True)[:2]
    params = {row["number"]: row["params"] for row in before["trials"]}
    assert [row["params"] for row in whole["trials"]] == [
        {**params[number], "seed": seed} for seed in (8, 9) for number in best
    ]
    seeds = stack.query(
        "select number, seed from sweeps_trial join sweeps_sweep on sweeps_sweep.id = sweep_id "
        "where sweeps_sweep.public_id = ? order by number",
        child,
    )
    assert seeds == [(0, 8), (1, 8), (2, 9), (3, 9)]
    # Another seed is another training; the same one gives the same value.
    again = [row["value"] for row in whole["trials"]]
    assert len({*again, *(values[number] for number in best)}) > 2
    (told,) = stack.client().get(f"/api/v1/sweeps/{parent}/confirm/").json()["confirmations"]
    assert {one["trial"]: sorted(one["values"]) for one in told["sets"]} == {
        best[0]: sorted(again[0::2]),
        best[1]: sorted(again[1::2]),
    }
    assert [one["mean"] for one in told["sets"]] == sorted((sum(again[i::2]) / 2 for i in (0, 1)), reverse=True)
    assert told["says"]
