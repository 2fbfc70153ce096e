"""A real browser hears of notices with the script of the page about streams."""

import pytest
from playwright.sync_api import sync_playwright

from shared.testing.browser import ARGUMENTS, chromium_path
from tests.architecture.source_tree import ROOT
from tests.pages import blocks_of
from tests.people import register
from tests.streams import send_notice

pytestmark = pytest.mark.browser
PAGE = ROOT / "docs" / "reference" / "streams.md"
# What an application has of its own.
APPLICATION = """
    const token = %r, told = [], counts = [];
    const accessToken = async () => token;
    const show = (notice) => told.push(notice.title);
    const badge = (count) => counts.push(count.unread_count);
    const loadTheList = () => {};
"""
# A page of a busy machine, in milliseconds.
PATIENCE = 40_000


@pytest.fixture
def page(fleet):
    """A page at the gateway, whose address the script has as its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{fleet.gateway_url}/health")
        yield page
        browser.close()


def test_a_browser_is_told_at_once_and_after_a_restart(fleet, page):
    blocks = blocks_of(PAGE.read_text())
    [script] = [block.text for block in blocks if block.language == "js"]
    person = register(fleet)

    page.add_script_tag(content=APPLICATION % person.access_token + script)
    page.wait_for_function("counts.length > 0")
    send_notice(fleet, person.id, "At once")
    page.wait_for_function("told.includes('At once')")
    fleet.stop("notification-stream")
    send_notice(fleet, person.id, "Meanwhile")
    fleet.start("notification-stream")
    page.wait_for_function("told.includes('Meanwhile')")

    titles = page.evaluate("told")
    assert [title for title in titles if title in ("At once", "Meanwhile")] == [
        "At once",
        "Meanwhile",
    ]
