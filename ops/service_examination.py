"""What only a service can say about itself: python -m ops.service_examination."""

import io
import json

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def main() -> None:
    """Print one line of JSON: unapplied migrations, and the outbox per destination."""
    django.setup()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unapplied = [f"{step.app_label}.{step.name}" for step, _ in plan]
    printed = io.StringIO()
    if not unapplied:
        call_command("outbox", "status", "--json", stdout=printed)
    outbox = json.loads(printed.getvalue() or "[]")
    print(json.dumps({"unapplied": unapplied, "outbox": outbox}))


if __name__ == "__main__":
    main()
