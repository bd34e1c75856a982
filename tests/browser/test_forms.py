"""What a form keeps while its fields are fetched anew."""

import time

from playwright.sync_api import Page, Route, expect


def test_what_is_typed_while_the_fields_come_stays(page: Page) -> None:
    page.goto("/library/models/new/")

    def slowly(route: Route) -> None:
        time.sleep(0.7)
        route.continue_()

    page.route("**/library/models/new/", slowly)
    name = page.get_by_label("Name", exact=False).first
    name.fill("Ticket")
    page.get_by_role("combobox", name="Weights").select_option("hub")
    name.press_sequentially(" BERT", delay=20)
    page.get_by_label("Description").fill("Typed meanwhile")
    expect(page.get_by_label("Hub id")).to_be_visible()
    expect(name).to_have_value("Ticket BERT")
    expect(page.get_by_label("Description")).to_have_value("Typed meanwhile")
    expect(page.get_by_label("Description")).to_be_focused()


def test_bounds_typed_at_once_are_not_overwritten(page: Page) -> None:
    page.goto("/library/spaces/new/")
    row = page.locator("[data-row]").first
    row.get_by_label("Parameter").fill("learning_rate")
    row.get_by_label("Parameter").press("Tab")
    # The proposal has come: the next key replaces the bound that it has filled in.
    expect(row.get_by_label("Low")).to_have_value("1e-05")
    expect(row.get_by_label("Type")).to_be_focused()
    row.get_by_label("Type").press("Tab")
    page.keyboard.type("0.002")
    expect(row.get_by_label("Low")).to_have_value("0.002")
