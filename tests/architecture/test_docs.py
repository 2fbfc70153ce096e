"""The documentation points at what exists, and its parts have their shape."""

import re

import pytest

from tests.architecture.source_tree import ROOT, short, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"`make ([a-z-]+)")
PARTS_OF_A_DECISION = [
    "Status",
    "Context",
    "Decision",
    "Consequences",
    "Options considered",
]


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_page_links_to_what_exists(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_page_names_make_targets_that_exist(page):
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert set(TARGET.findall(page.read_text())) <= targets


@pytest.mark.parametrize("page", DECISIONS, ids=short)
def test_a_decision_has_the_parts_of_every_other(page):
    lines = page.read_text().splitlines()

    assert [line[3:] for line in lines if line.startswith("## ")] == PARTS_OF_A_DECISION


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(page.name[:4]) for page in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_readme_names_every_make_target_of_daily_use():
    readme = (ROOT / "README.md").read_text()

    assert {"run", "start", "stop", "status", "logs", "test", "check"} <= set(
        TARGET.findall(readme)
    )
