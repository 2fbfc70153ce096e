"""Log files that grow and are rotated."""

import io
from contextlib import closing

import pytest

from ops.logs import LogFile, follow


@pytest.fixture
def path(tmp_path):
    return tmp_path / "auth-web.log"


@pytest.fixture
def file(path):
    with closing(LogFile(path, from_end=False)) as file:
        yield file


def test_lines_arrive_whole_and_once(path, file):
    path.write_text("one\ntw")

    assert file.new_lines() == ["one"]
    with path.open("a") as stream:
        stream.write("o\n")
    assert file.new_lines() == ["two"]
    assert file.new_lines() == []


def test_from_the_end_only_what_is_new_is_read(path):
    path.write_text("old\n")
    with closing(LogFile(path, from_end=True)) as file:
        with path.open("a") as stream:
            stream.write("new\n")

        assert file.new_lines() == ["new"]


def test_rotation_loses_no_line(path, file):
    path.write_text("one\n")
    assert file.new_lines() == ["one"]
    with path.open("a") as stream:
        stream.write("last of the old file\n")
    path.rename(path.with_suffix(".1"))
    path.write_text("first of the new file\n")

    assert file.new_lines() == ["last of the old file", "first of the new file"]


def test_every_line_carries_the_name_of_its_process(platform):
    platform.log.mkdir()
    (platform.log / "auth-web.log").write_text("hello\n")
    (platform.log / "gateway.log").write_text("there\n")
    rounds = iter([False, True])
    out = io.StringIO()

    follow(
        platform,
        ["auth-web", "gateway"],
        from_end=False,
        is_over=lambda: next(rounds),
        out=out,
    )

    assert out.getvalue() == "auth-web | hello\ngateway  | there\n"
