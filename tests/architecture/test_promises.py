"""Every promise and every budget is shown by what its page names."""

import ast
import re

from tests.architecture.source_tree import ROOT, parse

PAGE = (ROOT / "docs" / "reference" / "promises.md").read_text()
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
MEASUREMENT = re.compile(r"`(bench/\w+\.py)` \"([^\"]+)\"")


def rows(heading):
    """Return the rows of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return lines[2:]


def names_in(path):
    """Return the names that a module defines or assigns, at its top level."""
    for node in parse(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (item.id for item in node.targets if isinstance(item, ast.Name))


def marked_long(path):
    """Return the tests of a module that only `make test-long` runs."""
    return {
        node.name
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef)
        and "pytest.mark.long" in map(ast.unparse, node.decorator_list)
    }


def test_the_tests_that_are_named_exist():
    named = TEST.findall(PAGE)

    assert len(named) > 30
    assert [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or name not in set(names_in(ROOT / path))
    ] == []


def test_every_promise_names_a_test_that_make_test_runs():
    found = [
        row
        for row in rows("What is promised")
        if not any(
            name not in marked_long(ROOT / path) for path, name in TEST.findall(row)
        )
    ]

    assert len(rows("What is promised")) >= 10
    assert found == []


def test_what_is_called_long_is_long():
    called = set(re.findall(r"\*long\*[^`|;]*`([\w/]+\.py)::(\w+)`", PAGE))

    assert called == {
        (path, name)
        for path, name in TEST.findall(PAGE)
        if name in marked_long(ROOT / path)
    }


def test_every_budget_names_a_measurement_that_is_made():
    for row in rows("What it may cost"):
        measurements = MEASUREMENT.findall(row)
        assert measurements, row
        for path, name in measurements:
            assert name in (ROOT / path).read_text(), f"{path}: {name}"
