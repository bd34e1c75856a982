"""A sweep made from nothing, through the forms: file, model, space, sweep; then watched to its end."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints
from tests.stack import Stack

pytestmark = pytest.mark.browser

WORDS = {"fruit": ("apple", "pear", "plum"), "tool": ("hammer", "saw", "file"), "animal": ("cat", "dog", "cow")}


def write_things(path: Path) -> Path:
    """300 sentences about three kinds of things."""
    draw = random.Random(0)
    lines = ["what,kind"]
    for number in range(100):
        for kind, words in WORDS.items():
            lines.append(f'"a {draw.choice(words)} and a {draw.choice(words)}, number {number}",{kind}')
    path.write_text("\n".join(lines) + "\n")
    return path


@contextmanager
def swapped(page: Page) -> Iterator[None]:
    """What happens inside sends the form, and a part of the page is shown anew."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        yield


def test_a_sweep_from_nothing_through_the_forms_to_the_end(
    page: Page, stack: Stack, complaints: Complaints, tmp_path: Path
) -> None:
    tag = random.Random().randrange(10**6)
    things, model, space, sweep = (f"{name} {tag}" for name in ("Things", "My tiny BERT", "Rates", "My first sweep"))

    # A file becomes a data set; its columns are proposed.
    page.goto("/library/datasets/new/")
    page.set_input_files("input[type=file]", write_things(tmp_path / "things.csv"))
    page.wait_for_url("**/datasets/map/**")
    expect(page.get_by_role("combobox", name="Text", exact=True)).to_have_value("what")
    expect(page.get_by_role("combobox", name="Label", exact=True)).to_have_value("kind")
    expect(page.get_by_role("heading", name="240 rows to train on, 60 to evaluate on")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("")
    page.get_by_role("button", name="Make the data set").click()
    expect(page.get_by_text("This field is required.", exact=True)).to_be_visible()
    # A refused form is answered with 422, which the browser's console takes note of.
    assert all(" 422 " in complaint for complaint in complaints)
    complaints.clear()
    page.get_by_role("textbox", name="Name").fill(things)
    page.get_by_role("button", name="Make the data set").click()
    page.wait_for_url("**/versions/**")

    # A small model from a config, with a tokenizer trained on the data.
    page.goto("/library/models/new/")
    page.get_by_role("link", name="Tiny BERT").first.click()
    page.get_by_role("textbox", name="Name").fill(model)
    page.get_by_role("button", name="Save the model").click()
    expect(page.get_by_role("heading", name=model)).to_be_visible()

    # A space of one parameter. What is wrong is said as it is typed.
    page.goto("/library/spaces/new/")
    page.get_by_role("textbox", name="Name").fill(space)
    with swapped(page):
        page.get_by_role("combobox", name="Add a parameter").fill("learning_rate")
        page.keyboard.press("Enter")
    row = page.locator("[data-row='0']")
    row.get_by_label("Low").fill("0")
    expect(row.get_by_text("A log scale needs low above 0, not 0.")).to_be_visible()
    row.get_by_label("Low").fill("0.0005")
    row.get_by_label("High").fill("0.01")
    expect(row.locator(".field-error")).to_have_count(0)
    page.get_by_role("button", name="Save the search space").click()
    expect(page.get_by_role("heading", name=space)).to_be_visible()

    # The sweep itself.
    page.goto("/sweeps/new/")
    page.get_by_role("textbox", name="Name").fill(sweep)
    for label, option in (("Model", model), ("Data set", f"{things}, version 1"), ("Search space", space)):
        with swapped(page):
            page.get_by_label(label, exact=True).select_option(label=option)
        expect(page.get_by_label(label, exact=True).locator("option:checked")).to_have_text(option)
    with swapped(page):
        page.get_by_label("Metric", exact=True).select_option("eval_accuracy")
    page.get_by_label("Trials", exact=True).fill("3")
    page.get_by_role("button", name="Review and start").click()
    page.wait_for_url("**/review/")
    call = page.locator("#call")
    expect(call).to_contain_text("trial.suggest_float('learning_rate', 0.0005, 0.01, log=True)")
    expect(call).to_contain_text("direction='maximize'")
    page.get_by_role("button", name="Start").click()

    # Rows appear and change in place, without a reload.
    page.wait_for_url(lambda url: "/review/" not in url)
    page.evaluate("window.notReloaded = true")
    rows = page.locator("tr[id^=trial-][data-state=complete]")
    expect(rows).to_have_count(3, timeout=60_000)
    expect(page.locator("[data-bind=state]")).to_have_attribute("data-state", "complete", timeout=20_000)
    # What only the runner knew, such as the device, has come without a reload too.
    expect(page.locator("#facts")).to_contain_text("Device")
    assert page.evaluate("window.notReloaded") is True
    with page.expect_download() as download:
        page.get_by_role("link", name="Get best model").click()
    assert download.value.suggested_filename.endswith(".zip")

    snapshot = stack.snapshot(page.url.rstrip("/").rpartition("/")[2])
    assert snapshot["sweep"]["counts"]["complete"] == 3
    assert min(trial["value"] for trial in snapshot["trials"]) > 1 / 3
