"""Run every measurement, print the table, and write bench/results.md."""

import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from shared.peers.keys import new_secret
from shared.testing.postgres import postgres_server

from .rows import Row, as_markdown, read_rows

RESULTS = Path(__file__).parent / "results.md"


def main() -> int:
    """Return 0 when every budget holds."""
    rows = [
        *_run("calls", SERVICE="auth"),
        *_run("serving", SERVICE="user", settings="bench.served_settings"),
        *_run("relaying", "--database", "SQLite", "--least", "400", SERVICE="auth"),
    ]
    with postgres_server() as server:
        rows += _run(
            "relaying",
            "--database",
            "PostgreSQL",
            "--least",
            "800",
            SERVICE="auth",
            DATABASE_URL=server.create_database("bench"),
        )
    rows += _measure("flows", os.environ)
    table = as_markdown(rows)
    RESULTS.write_text(_page(table))
    print(table)
    broken = [row.cost for row in rows if row.holds is False]
    print(f"{len(broken)} budgets do not hold: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def _run(
    name: str, *arguments: str, settings: str = "shared.testing.settings", **more: str
) -> list[Row]:
    """Measure inside one service, with a data folder and secrets of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environment = os.environ | {
            "PLATFORM_VAR": folder,
            "DJANGO_SETTINGS_MODULE": settings,
            "SECRET_KEY": secrets.token_urlsafe(32),
            "INTERNAL_API_KEY": new_secret().text,
            "LOG_FORMAT": "json",
            **more,
        }
        Path(folder, more["SERVICE"]).mkdir()
        return _measure(name, environment, *arguments)


def _measure(name: str, environment: Mapping[str, str], *arguments: str) -> list[Row]:
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryFile("w+") as log:
        run = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        if run.returncode:
            log.seek(0)
            raise SystemExit(f"{name} failed:\n{log.read()[-3000:]}")
    return read_rows(run.stdout)


def _page(table: str) -> str:
    return (
        "# What the kit costs\n\n"
        "`make bench` writes this page.\n"
        "Ratios compare in one run; absolute figures are those of one machine.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, every call logged as JSON to a file.\n\n{table}"
    )


if __name__ == "__main__":
    sys.exit(main())
