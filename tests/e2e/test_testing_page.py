"""The examples of the page about the pytest plugin are tests, and they pass."""

import inspect
import re
import subprocess
import sys

import pytest

from ops.platform import ROOT
from shared.testing import plugin
from shared.testing.fault_proxy import FaultProxy
from shared.testing.faulty_peer import FaultyPeer
from shared.testing.fleet import Fleet, outer_environment
from tests.pages import blocks_of

PAGE = (ROOT / "docs" / "reference" / "testing.md").read_text()
PREAMBLE = """\
from datetime import UTC, datetime

import pytest
from django.db import transaction

from shared.client.breaker import CircuitBreaker, Permit, Refusal
from shared.client.outcomes import Breaker
from shared.contracts.events import ProfileUpdated, UserRegistered
from shared.contracts.user import (
    CreateProfile, GetProfiles, UpdateProgress, create_profile, get_profiles,
    update_progress,
)
from shared.peers.policy import Policy
from shared.wire.ids import uuid7
"""
OWN_IMPORTS = {"course": "from course_project.learners.models import Learner\n"}


def examples(service):
    """Return the tests on the page that speak as *service*."""
    return [
        block.text
        for block in blocks_of(PAGE)
        if block.language == "python" and block.text.startswith(f"# {service}\n")
    ]


@pytest.mark.parametrize("service", ["user", "course"])
def test_the_examples_pass(service, tmp_path):
    parts = [PREAMBLE, OWN_IMPORTS.get(service, ""), *examples(service)]
    (tmp_path / "test_page.py").write_text("\n\n".join(parts))
    project = ROOT / f"{service}_project"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", str(project / "pytest.ini"), "--rootdir", str(project)]

    done = subprocess.run(
        [*command, str(tmp_path / "test_page.py")],
        cwd=ROOT,
        env=outer_environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(examples(service))} passed" in done.stdout


def test_no_example_is_left_out():
    python = [block for block in blocks_of(PAGE) if block.language == "python"]

    assert len(python) == sum(len(examples(name)) for name in ("user", "course"))


def test_the_page_names_every_fixture_and_shows_it():
    source = inspect.getsource(plugin)
    fixtures = set(re.findall(r"@pytest\.fixture(?:\(.*\))?\ndef ([a-z]\w+)", source))
    code = "\n".join(
        block.text for block in blocks_of(PAGE) if block.language == "python"
    )

    assert set(re.findall(r"^\| `(\w+)", PAGE.split("## People")[0], re.M)) == fixtures
    assert {name for name in fixtures if not re.search(rf"\b{name}\b", code)} == set()


@pytest.mark.parametrize(
    ("kind", "heading"),
    [(FaultyPeer, "called"), (Fleet, "Whole"), (FaultProxy, "Faults")],
)
def test_the_page_names_only_what_there_is(kind, heading):
    section = next(
        part for part in PAGE.split("\n## ") if heading in part.split("\n")[0]
    )
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    names = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}

    assert names
    assert {name for name in names if not hasattr(kind, name)} == set()
