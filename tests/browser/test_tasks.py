"""Tasks beside plain classification: package data, a small model, and a sweep form that knows their metrics."""

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_token_classification_from_a_package_to_a_sweep(page: Page, stack: Stack) -> None:
    assert stack
    tag = random.Random().randrange(10**6)
    page.goto("/library/datasets/new/")
    page.get_by_role("link", name="Words of a message").click()
    page.get_by_role("textbox", name="Name").fill(f"Words {tag}")
    page.get_by_role("button", name="Make the data set").click()
    page.wait_for_url("**/versions/**")
    expect(page.get_by_role("heading", name="Tokens by tag")).to_be_visible()
    expect(page.locator(".token-tag").filter(has_text="B-NAME").first).to_be_visible()
    version = page.url.rstrip("/").rsplit("/", 1)[-1]
    page.goto("/library/models/new/")
    page.get_by_role("link", name="Tiny BERT, tokens").click()
    page.get_by_role("textbox", name="Name").fill(f"Tagger {tag}")
    page.get_by_role("button", name="Save the model").click()
    expect(page.get_by_text("Token classification").first).to_be_visible()
    page.goto(f"/sweeps/new/?dataset={version}")
    assert page.locator("option[value=eval_recall]").count() > 0


def test_the_columns_follow_the_task(page: Page, tmp_path: Path) -> None:
    rows = tmp_path / "pairs.csv"
    rows.write_text("text,score\n" + "\n".join(f"text {n},{n / 2}" for n in range(10)))
    page.goto("/library/datasets/new/")
    page.set_input_files("input[type=file]", rows)
    page.wait_for_url("**/datasets/map/**")
    page.get_by_role("combobox", name="Task").select_option("text-regression")
    expect(page.get_by_role("combobox", name="Number")).to_have_value("score")
    expect(page.get_by_role("columnheader", name="Number")).to_be_visible()
    expect(page.get_by_role("heading", name="8 rows to train on, 2 to evaluate on")).to_be_visible()


def test_a_tone_can_be_heard(page: Page) -> None:
    page.goto("/library/datasets/new/")
    page.get_by_role("link", name="Which tone is this?").click()
    page.get_by_role("textbox", name="Name").fill(f"Tones {random.Random().randrange(10**6)}")
    page.get_by_role("button", name="Make the data set").click()
    page.wait_for_url("**/versions/**")
    length = page.locator("audio").first.evaluate(
        "sound => new Promise(done => { sound.onloadedmetadata = () => done(sound.duration); sound.onerror = () => done(0); sound.load(); sound.preload = 'auto'; })"
    )
    assert length == pytest.approx(0.25, abs=0.01)
