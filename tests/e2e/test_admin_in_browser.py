"""An operator with a real browser: pages that work, styled, without outside help."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from ops.platform import SERVICES
from shared.testing.browser import ARGUMENTS, chromium_path
from tests.courses import write_course
from tests.peers import refusing_peer
from tests.people import demo_account, register
from tests.records import once_each, profiles_made_by_auth, query, undelivered
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
RECOVERY_SECONDS = 2 * 10
# A page of a busy machine, in milliseconds.
PATIENCE = 20_000


class Watched:
    """A page, and what it asked for or complained about meanwhile."""

    def __init__(self, page):
        self.page = page
        self.hosts = set()
        self.failed = []
        self.complaints = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self.hosts.add(_host(request.url)))
        page.on("response", self._see)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _see(self, response):
        if response.status >= 400:
            self.failed.append((response.status, response.url))


def _host(url):
    parts = urlsplit(url)
    return parts.hostname if parts.scheme.startswith(("http", "ws")) else "127.0.0.1"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def watched(browser):
    """A window without cookies; whatever happens in it, nothing comes from outside."""
    context = browser.new_context()
    watched = Watched(context.new_page())
    yield watched
    context.close()
    assert watched.hosts <= {"127.0.0.1"}
    assert not watched.failed
    assert not watched.complaints


def sign_in(fleet, page, service):
    admin = demo_account(fleet, "admin")
    page.goto(f"{fleet.url(service)}/admin/")
    page.fill("input[name=username]", admin.email)
    page.fill("input[name=password]", admin.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{fleet.url(service)}/admin/")


@pytest.mark.parametrize("service", SERVICES)
def test_an_operator_signs_in_and_finds_the_menu(fleet, watched, service):
    page = watched.page

    sign_in(fleet, page, service)

    expect(page).to_have_title(re.compile(f"IELTS {service.title()}"))
    for entry in ("Messages", "Destinations", "Internal keys"):
        link = page.get_by_role("link", name=entry).first
        expect(link).to_be_visible()


@pytest.mark.parametrize("service", SERVICES)
def test_the_first_page_shows_today_and_leads_to_the_others(fleet, watched, service):
    page = watched.page
    others = [name for name in SERVICES if name != service]

    sign_in(fleet, page, service)

    for heading in ("Needs attention", "Today", "Outbox"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    links = page.get_by_role("navigation", name="The other admins").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"{fleet.url(name)}/admin/" for name in others
    ]
    links.first.click()
    expect(page).to_have_title(re.compile(f"IELTS {others[0].title()}"))


def test_the_chart_of_registrations_is_drawn_and_written_down(fleet, watched):
    page = watched.page
    sign_in(fleet, page, "auth")

    chart = page.get_by_role("img", name="Sign-ins and registrations, day by day")
    expect(chart).to_be_visible()
    is_drawn = chart.evaluate(
        "canvas => canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    )
    page.get_by_text("As a table").click()

    assert is_drawn
    expect(page.get_by_role("columnheader", name="Registrations")).to_be_visible()


def test_the_preview_of_a_course_adds_no_marks_to_its_text(fleet, watched):
    course = write_course(fleet, lessons=1, description="`code`\n\n> quoted")
    page = watched.page
    sign_in(fleet, page, "course")

    page.goto(f"{fleet.url('course')}/admin/catalogue/course/{course.id}/preview/")

    for text in ("code", "quoted"):
        element = page.locator("article").get_by_text(text, exact=True)
        for side in ("::before", "::after"):
            read = f"element => getComputedStyle(element, '{side}').content"
            assert element.evaluate(read) == "none"


@pytest.mark.parametrize("service", SERVICES)
def test_the_documentation_shows_the_service(fleet, watched, service):
    watched.page.goto(f"{fleet.url(service)}/api/docs")

    heading = watched.page.get_by_role("heading", name=f"IELTS {service.title()}")
    expect(heading).to_be_visible(timeout=PATIENCE)


def test_a_dead_letter_is_redelivered_by_hand(fleet, watched):
    fleet.stop("user-web")
    with refusing_peer(fleet.platform.ports["USER_PORT"]):
        ana = register(fleet)
        wait_for(
            lambda: query(
                fleet, "auth", "SELECT 1 FROM outbox_outboxmessage WHERE state = 'dead'"
            ),
            RECOVERY_SECONDS,
            "a dead letter",
        )
    fleet.start("user-web")
    page = watched.page
    sign_in(fleet, page, "auth")

    page.get_by_role("link", name="1 dead to user").click()
    page.get_by_role("link", name="POST /api/v1/user/internal/profile/create").click()
    expect(page.get_by_text("because refused: level_missing")).to_be_visible()
    page.get_by_role("link", name="Redeliver", exact=True).click()
    page.get_by_role("button", name="Redeliver").click()

    expect(page.get_by_text("1 queued")).to_be_visible()
    wait_for(
        lambda: (
            profiles_made_by_auth(fleet, [ana.id]) == once_each([ana.id])
            and not undelivered(fleet)
        ),
        RECOVERY_SECONDS,
        "the profile, after the redelivery",
    )
    page.reload()
    expect(page.get_by_text("Delivered to user at")).to_be_visible()
