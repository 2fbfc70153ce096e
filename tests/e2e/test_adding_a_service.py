"""A sixth service, made in a copy of this repository by the page that says how."""

import os
import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.platform import ROOT
from shared.testing.fleet import outer_environment, reserved_ports
from tests.architecture.source_tree import tracked_files
from tests.asking import ask
from tests.pages import blocks_of, shell
from tests.waiting import wait_for

PAGE = (ROOT / "docs" / "how-to" / "add-a-service.md").read_text()
MOST_LINES = 60
SOON_SECONDS = 60
PERSON = {
    "email": "ana@example.com",
    "password": "correct-horse-battery",
    "full_name": "Ana",
}


def test_a_service_is_at_most_sixty_lines_and_as_many_as_the_page_says():
    written = sum(
        len(block.lines) for block in blocks_of(PAGE) if block.language == "python"
    )

    assert re.search(r"You write (\d+) lines", PAGE)[1] == str(written)
    assert written <= MOST_LINES


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_sixth_service_passes_every_check_and_hears_of_people(tmp_path):
    copy = tmp_path / "copy"
    for path in tracked_files():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    with ExitStack() as exits:
        environment = environment_of(copy, reserved_ports(exits))
        exits.callback(
            subprocess.run,
            [copy / ".venv/bin/python", "-m", "ops", "stop"],
            cwd=copy,
            env=environment,
        )
        bash = exits.enter_context(shell(copy, environment))
        bash.run("git init --quiet . && git add .")

        for block in blocks_of(PAGE):
            if block.language == "sh":
                bash.run(block.text)
            else:
                block.write(copy)

        bash.run("python -m ops start")
        gateway = f"http://127.0.0.1:{environment['GATEWAY_PORT']}/api/v1"
        answer = ask("POST", f"{gateway}/auth/register", json=PERSON).json()
        wait_for(
            lambda: answer["user"]["id"] in members(gateway, answer["access_token"]),
            SOON_SECONDS,
            "the forum knows who has registered",
        )


def environment_of(copy: Path, ports: dict[str, str]) -> dict[str, str]:
    """Return the environment of the copy, with two more ports than the original."""
    last = max(map(int, ports.values()))
    return {
        **outer_environment(),
        **ports,
        "FORUM_PORT": str(last + 1),
        "FORUM_WORKER_PORT": str(last + 2),
        "PATH": f"{copy}/.venv/bin:{os.environ['PATH']}",
    }


def members(gateway: str, token: str) -> list[str]:
    """Return whom the forum knows, as people see it."""
    answer = ask("GET", f"{gateway}/forum/members", token=token)
    assert answer.status_code == 200, answer.text
    return [member["user_id"] for member in answer.json()["results"]]
