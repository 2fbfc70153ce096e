"""The files of the repository, read as Python reads them; nothing is imported."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.name for path in ROOT.glob("*_project"))
PACKAGES = [*SERVICES, "shared", "gateway", "ops", "tests", "bench"]


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def modules(*packages: str, with_tests: bool = False) -> Iterator[Path]:
    """Yield the Python files of packages, without what Django generates."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" in parts or ("tests" in parts[1:] and not with_tests):
                continue
            yield path


def apps() -> list[Path]:
    """Return the folders of the services' apps."""
    return sorted(path.parent for path in ROOT.glob("*_project/*/apps.py"))


def commands() -> list[Path]:
    """Return the files of all management commands."""
    return [
        path
        for path in modules("shared", *SERVICES)
        if path.parent.name == "commands" and path.name != "__init__.py"
    ]


def tracked_files() -> list[Path]:
    """Return what git keeps, and what it would if asked now."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return [path for path in paths if path.is_file()]


def short(path: Path, line: int | None = None) -> str:
    """Return the name of a place, as an editor opens it."""
    name = str(path.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"
