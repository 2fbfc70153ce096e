"""Whoever takes shared elsewhere gets what the page promises, by the page itself."""

from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from ops.platform import ROOT
from shared.testing.fleet import outer_environment, reserved_ports
from tests.pages import Shell, blocks_of, shell
from tests.waiting import wait_for

PAGE = (ROOT / "docs" / "how-to" / "use-shared-elsewhere.md").read_text()
MOST_LINES_OF_GLUE = 30
# What the services say to each other, and what they are for, is not glue.
NOT_GLUE = ("models.py", "services.py")
AS_PROMISED_SECONDS = 2 * 10
INSTALLS = ("python3 -m venv", ".venv/bin/pip")


def glue_lines():
    """Return the lines that connect the two services to the kit and to each other."""
    files = [block for block in blocks_of(PAGE) if block.language == "python"]
    lines = [
        line
        for block in files
        if "contracts/" not in block.file_name
        and not block.file_name.endswith(NOT_GLUE)
        for line in block.lines
    ]
    return lines + [line for line in PAGE.splitlines() if "perl -pi" in line]


def test_the_glue_is_what_the_page_says_and_at_most_thirty_lines():
    assert f"The glue is {len(glue_lines())} lines" in PAGE
    assert len(glue_lines()) <= MOST_LINES_OF_GLUE


@pytest.mark.timeout(300)
def test_two_services_of_another_project_call_each_other(tmp_path):
    # What is installed here is what the page installs: the lock is the same.
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    with ExitStack() as exits:
        ports = list(reserved_ports(exits).values())
        environment = {
            **outer_environment(),
            "IELTS": str(ROOT),
            "SHOP_PORT": ports[0],
            "STOCK_PORT": ports[1],
        }
        environment.pop("SERVICE", None)
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        page = PAGE.replace("8081", ports[0]).replace("8082", ports[1])

        follow(page, exits.enter_context(shell(tmp_path, environment)), tmp_path)


def follow(page: str, bash: Shell, folder: Path) -> None:
    """Do what the page says; see what it shows."""
    blocks = list(blocks_of(page))
    assert [block.language for block in blocks].count("text") == 4
    following = [*blocks[1:], None]
    for block, answer in zip(blocks, following, strict=True):
        if block.language == "python":
            block.write(folder)
        elif block.language == "sh":
            text = without_installing(block.text)
            if answer and answer.language == "text":
                look(bash, text, answer.text)
            else:
                bash.run(text)


def without_installing(text: str) -> str:
    """Return the commands but those that install what is installed."""
    return "\n".join(
        line for line in text.splitlines() if not line.startswith(INSTALLS)
    )


def look(bash: Shell, text: str, answer: str) -> None:
    """Run a question again until its answer is the one on the page."""
    seen = []

    def is_there() -> bool:
        seen.append(bash.run(text))
        return seen[-1] == answer

    with suppress(AssertionError):
        wait_for(is_there, AS_PROMISED_SECONDS, "the answer on the page")
    assert seen[-1] == answer
