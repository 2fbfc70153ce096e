"""Tests as files: a folder with test.toml and the texts that it names."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WrittenTest:
    """A test as its author wrote it; ``digest`` changes with any of its files."""

    values: Mapping[str, object]
    band_table: str
    sections: tuple[Mapping[str, object], ...]
    digest: str


def read_tests(folder: Path) -> Iterator[WrittenTest]:
    """Read every test below *folder*, by name."""
    for path in sorted(folder.glob("*/test.toml")):
        yield _read_test(path)


def _read_test(path: Path) -> WrittenTest:
    source = path.read_bytes()
    digest = hashlib.sha256(source)
    values = tomllib.loads(source.decode())
    sections = values.pop("sections")
    for section in sections:
        text = (path.parent / section.pop("file")).read_text(encoding="utf-8")
        digest.update(b"\0" + text.encode())
        section["text"] = text.strip()
    return WrittenTest(
        values=values,
        band_table=values.pop("band_table"),
        sections=tuple(sections),
        digest=digest.hexdigest(),
    )
