"""What a reader is told in the file itself."""

import ast
import re

import pytest

from tests.architecture.source_tree import (
    PACKAGES,
    commands,
    modules,
    parse,
    short,
    tracked_files,
)

# Their kind says what they are for, and the module's sentence says of what.
SAID_BY_THE_FRAMEWORK = {"admin.py", "apps.py"}
# Where an installer found a package depends on the machine; a lock does not.
REGISTRY_ADDRESS = re.compile(r"https?://[^\s\"']*(?:/simple\b|pythonhosted|pypi)")


def test_every_module_begins_with_a_sentence():
    found = [
        short(path)
        for path in modules(*PACKAGES, with_tests=True)
        if path.read_text().strip() and not _is_sentence(_docstring(parse(path)))
    ]

    assert found == []


def test_every_public_name_of_shared_has_a_docstring():
    found = [
        f"{short(path, node.lineno)} {node.name}"
        for path in modules("shared")
        if path.name not in SAID_BY_THE_FRAMEWORK and path not in commands()
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not _docstring(node)
    ]

    assert found == []


def test_there_are_commands_to_look_at():
    assert len(commands()) >= 4


@pytest.mark.parametrize("path", commands(), ids=short)
def test_a_command_says_in_a_sentence_what_it_does(path):
    helps = [
        node.value.value
        for owner in ast.walk(parse(path))
        if isinstance(owner, ast.ClassDef) and owner.name == "Command"
        for node in owner.body
        if isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["help"]
        and isinstance(node.value, ast.Constant)
    ]

    assert len(helps) == 1
    assert _is_sentence(helps[0])
    assert len(helps[0].split()) >= 3


def test_no_file_names_the_address_of_a_package_registry():
    found = [
        short(path)
        for path in tracked_files()
        if path.suffix in {".txt", ".in", ".toml", ".lock", ".md", ".yaml", ".yml"}
        and REGISTRY_ADDRESS.search(path.read_text())
    ]

    assert found == []


def test_nothing_is_left_to_do_in_a_comment():
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b")
    found = [
        short(path, number)
        for path in modules(*PACKAGES, with_tests=True)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line) and path.name != "test_words.py"
    ]

    assert found == []


def _docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    return ast.get_docstring(node) or ""


def _is_sentence(text: str) -> bool:
    first = text.split("\n\n")[0].strip()
    return first.endswith((".", "?")) or ". " in first
