"""Everything that CI runs: python -m ops.suite [--service auth] [--only unit]."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.testing.browser import chromium_path
from shared.testing.postgres import PostgresServer, postgres_server

from .errors import OpsError
from .platform import ROOT, SERVICES, Platform, platform_from
from .prepare import make_keys

STAGES = ("check", "unit", "postgres", "fleet")
# Two cores: more at a time makes each slower and the times in them less true.
AT_A_TIME = 2
# First, so that no long one is alone at the end.
SLOW_FOLDERS = ("e2e", "faults", "security")
# They run apart from their folder, so that no part takes much longer than another.
SLOW_FILES = ("e2e/test_life_cycle.py", "faults/test_key_rotation.py")
# What is read of the tree alone: in seconds, so it comes with the checks.
WITHOUT_PLATFORM = ("architecture",)
_BINARIES = Path(sys.executable).parent


@dataclass(frozen=True)
class Job:
    """One command of the suite; a pytest run writes its counts to *report*."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    report: Path | None = None


@dataclass(frozen=True)
class Result:
    """What came of a job."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    output: str


def main() -> int:
    """Run the stages one after another; return 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m ops.suite", description=__doc__)
    parser.add_argument("--service", choices=SERVICES)
    parser.add_argument("--only", choices=STAGES)
    parser.add_argument("--long", action="store_true", help="tests marked long too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="suite-") as folder:
            return _Suite(Path(folder), options.service, options.long).run(
                [options.only] if options.only else STAGES
            )
    except OpsError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class _Suite:
    """One run of the suite, with secrets and data in a folder of its own."""

    def __init__(self, folder: Path, service: str | None, is_long: bool) -> None:
        self.folder = folder
        self.service = service
        self.is_long = is_long
        self.services = (service,) if service else SERVICES
        outer = {
            name: value
            for name, value in os.environ.items()
            if not name.endswith("DATABASE_URL") and name != "PLATFORM_RUN"
        }
        self.platform: Platform = platform_from(
            outer | {"PLATFORM_VAR": str(folder / "var")}
        )
        self.results: list[Result] = []

    def run(self, stages: Iterable[str]) -> int:
        make_keys(self.platform)
        for stage in stages:
            began = time.monotonic()
            print(f"── {stage} ──", flush=True)
            getattr(self, f"_run_{stage}")()
            print(f"   {time.monotonic() - began:.0f} s", flush=True)
        return self._summary()

    def _run_check(self) -> None:
        environment = dict(self.platform.environment)
        jobs = [
            *self._shape_jobs(environment),
            Job("ruff check", [_tool("ruff"), "check", "."], environment),
            Job("ruff format", [_tool("ruff"), "format", "--check", "."], environment),
            Job("lint-imports", [_tool("lint-imports")], environment),
            *(
                Job(
                    f"{service} migrations, checks",
                    [sys.executable, "-m", "ops.service_check"],
                    self.platform.service_environment(service),
                )
                for service in self.services
            ),
        ]
        self._run_jobs(jobs)

    def _shape_jobs(self, environment: dict[str, str]) -> list[Job]:
        if self.service:
            return []
        return [
            self._pytest(name, "tests/pytest.ini", f"tests/{name}", environment)
            for name in WITHOUT_PLATFORM
        ]

    def _run_unit(self) -> None:
        self._run_jobs([*self._unit_jobs(None), *self._machine_jobs()])

    def _run_postgres(self) -> None:
        with postgres_server() as server:
            self._run_jobs(self._unit_jobs(server))

    def _run_fleet(self) -> None:
        if self.service:
            return
        excluded = [] if self.is_long else ["long"]
        if chromium_path() is None:
            excluded.append("browser")
            print("   not run here: tests marked browser (no Chromium)", flush=True)
        expression = " and ".join(f"not {marker}" for marker in excluded)
        self._run_jobs(
            [
                self._pytest(
                    part.removesuffix(".py").replace("/test_", " "),
                    "tests/pytest.ini",
                    f"tests/{part}",
                    dict(self.platform.environment),
                    *("-m", expression),
                    *(f"--ignore=tests/{file}" for file in SLOW_FILES if file != part),
                )
                for part in _fleet_parts()
            ]
        )

    def _unit_jobs(self, server: PostgresServer | None) -> list[Job]:
        jobs = []
        for service in self.services:
            environment = self.platform.service_environment(service)
            jobs.append((service, f"{service}_project", environment))
        if not self.service:
            environment = dict(self.platform.environment)
            jobs.insert(0, ("shared", "shared", environment))
        if server is None:
            return [
                self._unit_job(name, name, folder, environment)
                for name, folder, environment in jobs
            ]
        return [
            self._unit_job(
                name,
                f"{name} on PostgreSQL",
                folder,
                # A database per run: Django adds test_ to the name and makes it.
                environment | {"DATABASE_URL": server.url(name)},
            )
            for name, folder, environment in jobs
        ]

    def _unit_job(
        self, name: str, title: str, folder: str, environment: dict[str, str]
    ) -> Job:
        # Only the kit has unit tests that take minutes.
        is_short = name == "shared" and not self.is_long
        arguments = ("-m", "not long") if is_short else ()
        return self._pytest(
            title, f"{folder}/pytest.ini", folder, environment, *arguments
        )

    def _machine_jobs(self) -> list[Job]:
        if self.service:
            return []
        return [
            self._pytest(
                name,
                "tests/pytest.ini",
                f"{name}/tests",
                dict(self.platform.environment),
            )
            for name in ("ops", "gateway")
            if (ROOT / name / "tests").is_dir()
        ]

    def _pytest(
        self,
        name: str,
        ini: str,
        folder: str,
        environment: dict[str, str],
        *arguments: str,
    ) -> Job:
        report = self.folder / f"{name.replace(' ', '-')}.xml"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-c", ini),
            *(f"--rootdir={Path(ini).parent}", f"--junit-xml={report}"),
            *("-p", "no:cacheprovider", "--timeout=180", *arguments, folder),
        ]
        return Job(name, command, environment, report)

    def _run_jobs(self, jobs: list[Job]) -> None:
        with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
            for result in pool.map(_run, jobs):
                self.results.append(result)
                _print_result(result)

    def _summary(self) -> int:
        passed = sum(result.passed for result in self.results)
        failed = sum(result.failed for result in self.results)
        bad = [result.name for result in self.results if result.failed]
        if bad:
            print(f"\nFailed: {', '.join(bad)}")
        print(f"\n{passed} passed, {failed} failed", flush=True)
        return 1 if failed else 0


def _fleet_parts() -> list[str]:
    """Return the folders and files of tests that need whole platforms, slow first."""
    found = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    others = found.difference(SLOW_FOLDERS, WITHOUT_PLATFORM)
    return [*SLOW_FOLDERS, *SLOW_FILES, *sorted(others)]


def _run(job: Job) -> Result:
    began = time.monotonic()
    done = subprocess.run(
        job.command,
        cwd=ROOT,
        env=job.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    seconds = time.monotonic() - began
    passed, failed, skipped = _counts(job, done.returncode)
    return Result(job.name, passed, failed, skipped, seconds, done.stdout)


def _counts(job: Job, returncode: int) -> tuple[int, int, int]:
    """Return passed, failed and skipped; a run that broke off counts as one failure."""
    passed = failed = skipped = 0
    if job.report is not None:
        with suppress(FileNotFoundError, ElementTree.ParseError):
            for suite in ElementTree.parse(job.report).iter("testsuite"):
                failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                skipped += int(suite.get("skipped", 0))
                passed += int(suite.get("tests", 0))
            passed -= failed + skipped
    if returncode and not failed:
        failed = 1
    return passed, failed, skipped


def _print_result(result: Result) -> None:
    if result.failed:
        print(result.output)
    state = "failed" if result.failed else "ok"
    if result.passed:
        state = f"{result.passed} passed, {result.failed} failed"
    if result.skipped:
        state += f", {result.skipped} skipped"
    print(f"   {result.name:<32} {state:<28} {result.seconds:6.1f} s", flush=True)


def _tool(name: str) -> str:
    return str(_BINARIES / name)


if __name__ == "__main__":
    sys.exit(main())
