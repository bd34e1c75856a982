"""A sweep with Ray Tune and one with W&B, made in the form and reviewed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def swapped(page: Page, act: Callable[[], object]) -> None:
    """The act sends the form, and its fields come anew."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        act()
    expect(page.locator("form[data-swap]")).not_to_have_attribute("aria-busy", "true")


def choose(page: Page, label: str, value: str) -> None:
    box = page.get_by_role("combobox", name=label, exact=True)
    swapped(page, lambda: box.select_option(value))
    expect(box).to_have_value(value)


def begin(page: Page, backend: str) -> None:
    """The demo's parts, its metric, and the backend."""
    page.goto("/sweeps/new/")
    for label, part in (
        ("Model", "Tiny BERT"),
        ("Data set", "Languages of Django's translations, version 1"),
        ("Search space", "Tiny BERT, from scratch"),
    ):
        box = page.get_by_role("combobox", name=label, exact=True)
        swapped(page, lambda box=box, part=part: box.select_option(label=part))  # type: ignore[misc]  # a lambda's defaults
        expect(box.locator("option:checked")).to_have_text(part)
    choose(page, "Metric", "eval_accuracy")
    swapped(page, page.get_by_role("radio", name=backend).check)
    expect(page.get_by_role("radio", name=backend)).to_be_checked()


def review(page: Page) -> None:
    page.get_by_role("button", name="Review and start").click()
    page.wait_for_url("**/review/")


def test_population_based_training_with_ray(page: Page) -> None:
    begin(page, "Ray Tune")
    choose(page, "Search", "random")
    expect(page.get_by_role("combobox", name="Search", exact=True).locator("option[value=grid]")).to_be_disabled()
    choose(page, "Scheduler", "pbt")
    expect(page.get_by_text("save_strategy is set to eval_strategy when the sweep starts")).to_be_visible()
    page.get_by_role("checkbox", name="learning_rate").check()
    page.get_by_label("CPUs of a trial").fill("2")
    page.get_by_label("Trials at a time").fill("2")
    review(page)
    expect(page.get_by_role("heading", name="What Ray Tune is given")).to_be_visible()
    expect(page.get_by_role("row", name="learning_rate")).to_contain_text("tune.loguniform(0.0002, 0.01)")
    expect(page.get_by_role("row", name="learning_rate")).to_contain_text("may change while a trial trains")
    call = page.locator("#call")
    expect(call).to_contain_text("scheduler = PopulationBasedTraining(")
    expect(call).to_contain_text("save_strategy='epoch'")
    expect(call).to_contain_text("resources_per_trial={'cpu': 2, 'gpu': 0}")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_bayesian_search_on_the_own_wandb_endpoint_and_on_a_server_without_key(page: Page) -> None:
    begin(page, "Weights & Biases")
    choose(page, "Method", "bayes")
    expect(page.get_by_text("is Optuna's TPE sampler, not W&B's algorithm")).to_be_visible()
    choose(page, "Early termination", "hyperband")
    page.get_by_text("Options", exact=False).locator("visible=true").first.click()
    page.get_by_label("min_iter").fill("1")
    review(page)
    expect(page.get_by_role("row", name="learning_rate")).to_contain_text("log_uniform_values 0.0002 … 0.01")
    expect(page.locator("#call")).to_contain_text("backend='wandb'")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()

    page.get_by_role("link", name="Change it").click()
    choose(page, "Server", "wandb")
    expect(page.get_by_text("The team has no WANDB_API_KEY yet")).to_be_visible()
    review(page)
    expect(page.get_by_text("enter WANDB_API_KEY on the team's page Connections")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
