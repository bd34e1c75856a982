"""Conditions, coupled choices and computed values, made in the form."""

from playwright.sync_api import Page, expect


def test_a_space_of_every_kind_of_row_is_made_with_the_keyboard(page: Page) -> None:
    page.goto("/library/spaces/new/?task=text-classification")
    page.get_by_role("textbox", name="Name").first.fill("Every kind of row")
    first = page.locator("[data-row]").first
    first.get_by_label("Parameter").fill("optim")
    first.get_by_label("Parameter").press("Tab")
    expect(first.get_by_label("Choices, with commas")).to_have_value("adamw_torch_fused, adafactor, sgd")

    page.get_by_role("button", name="Coupled choices").press("Enter")
    coupled = page.locator("[data-row]").nth(1)
    expect(coupled.get_by_label("Type")).to_have_value("coupled")
    coupled.get_by_label("Parameter 1", exact=True).fill("model.hidden_size")
    coupled.get_by_label("Value of parameter 1 for choice 1").fill("64")
    coupled.get_by_label("Value of parameter 1 for choice 2").fill("x")
    expect(coupled.get_by_text("For large: hidden_size must be a number")).to_be_visible()
    coupled.get_by_label("Value of parameter 1 for choice 2").fill("256")
    expect(coupled.locator("[data-row-errors]")).to_be_empty()

    coupled.get_by_text("Only when…").press("Enter")
    coupled.get_by_label("A row above").fill("optim")
    coupled.get_by_label("is one of, with commas").fill("adam")
    expect(coupled.get_by_text("optim is never adam: its choices are")).to_be_visible()
    coupled.get_by_label("is one of, with commas").fill("sgd, adafactor")
    expect(coupled.locator("[data-row-errors]")).to_be_empty()

    page.get_by_role("button", name="Effective batch size").press("Enter")
    formula = page.locator("[data-formula]").first.get_by_label("Formula")
    expect(formula).to_have_value("max(1, var.effective_batch_size // (per_device_train_batch_size * processes))")
    preview = page.locator("[data-preview]")
    expect(preview.get_by_role("columnheader", name="gradient_accumulation_steps")).to_contain_text("computed")
    formula.fill("32 // per_device_train_batch_size")
    expect(page.get_by_text("var.effective_batch_size acts nowhere by itself")).to_be_visible()
    formula.fill("max(1, var.effective_batch_size // per_device_train_batch_size)")
    expect(preview.get_by_role("columnheader", name="model.hidden_size")).to_be_visible()
    page.get_by_role("button", name="Save the search space").press("Enter")
    expect(page.get_by_text("with the choices of")).to_be_visible()
    expect(page.get_by_text("only when")).to_be_visible()
