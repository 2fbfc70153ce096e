"""Run this service's worker."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shared.outbox.jobs import Timetable
from shared.outbox.relay import Relay
from shared.outbox.worker import Worker


class Command(BaseCommand):
    help = (
        "Deliver the outbox and run the periodic jobs until SIGTERM; with a port in "
        "<SERVICE>_WORKER_PORT, answer /health and /metrics there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--once", action="store_true", help="Do what is due now, then exit."
        )

    def handle(self, *args: object, **options: object) -> None:
        """Run."""
        if options["once"]:
            tried = Relay().drain()
            Timetable().run_due()
            self.stdout.write(f"{tried} messages tried.")
            return
        Worker(settings.WORKER_PORT, settings.BIND_ADDRESS).run()
