"""Courses as files: a folder with course.toml and the lessons that it names."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WrittenModule:
    """A module and its lessons, as their author wrote them."""

    values: Mapping[str, object]
    lessons: tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class WrittenCourse:
    """A course as its author wrote it."""

    slug: str
    values: Mapping[str, object]
    modules: tuple[WrittenModule, ...]


def read_courses(folder: Path) -> Iterator[WrittenCourse]:
    """Read every course below *folder*, by name."""
    for path in sorted(folder.glob("*/course.toml")):
        yield _read_course(path)


def _read_course(path: Path) -> WrittenCourse:
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    modules = values.pop("modules")
    values.pop("instructor")  # whoever loads it teaches it
    return WrittenCourse(
        slug=values.pop("slug"),
        values={**values, "description": values["description"].strip()},
        modules=tuple(_read_module(module, path.parent) for module in modules),
    )


def _read_module(module: dict[str, object], folder: Path) -> WrittenModule:
    lessons = tuple(_read_lesson(lesson, folder) for lesson in module.pop("lessons"))
    return WrittenModule(values=module, lessons=lessons)


def _read_lesson(lesson: dict[str, object], folder: Path) -> Mapping[str, object]:
    text = (folder / lesson.pop("file")).read_text(encoding="utf-8")
    # A file begins with its title, for whoever reads it by itself.
    body = text.strip().removeprefix(f"# {lesson['title']}\n")
    return {**lesson, "body": body.strip()}
