"""Look at the outbox, and act on its messages."""

import json
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shared.outbox import letters
from shared.outbox.depth import depths
from shared.outbox.explaining import explain
from shared.outbox.models import OutboxMessage


class Command(BaseCommand):
    help = "Show what waits in the outbox and why; redeliver or cancel messages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        status = commands.add_parser("status", help="Depth and age per destination.")
        status.add_argument("--json", action="store_true", help="For programs.")
        for name, text in (
            ("explain", "Why is this message not delivered yet?"),
            ("cancel", "Give up on a message."),
        ):
            command = commands.add_parser(name, help=text)
            command.add_argument("id", type=UUID, help="The message's id.")
            if name == "cancel":
                command.add_argument("--reason", required=True, help="For the record.")
        redeliver = commands.add_parser("redeliver", help="Send dead letters again.")
        redeliver.add_argument("--id", type=UUID, help="One message.")
        redeliver.add_argument("--destination", help="All for one peer.")
        redeliver.add_argument("--type", help="All of one endpoint or event type.")
        redeliver.add_argument("--all", action="store_true", help="All of them.")
        redeliver.add_argument(
            "--per-second", type=float, default=0, help="Spread them; 0 is at once."
        )
        for name, text in (
            ("pause", "Deliver nothing to a peer until resumed."),
            ("resume", "Deliver to a peer again."),
        ):
            command = commands.add_parser(name, help=text)
            command.add_argument("destination", help="The peer's name.")
            if name == "pause":
                command.add_argument("--reason", required=True, help="For the record.")

    def handle(self, *args: object, **options: object) -> None:
        """Run the subcommand."""
        try:
            getattr(self, f"_{options['command']}")(options)
        except letters.LetterError as error:
            raise CommandError(str(error)) from error

    def _status(self, options: dict) -> None:
        rows = depths()
        if options["json"]:
            self.stdout.write(json.dumps([row.as_dict() for row in rows]))
            return
        self.stdout.write(
            f"{'destination':<14}{'state':<8}{'pending':>8}{'oldest':>10}{'dead':>6}"
        )
        for row in rows:
            state = "paused" if row.is_paused else row.state
            self.stdout.write(
                f"{row.destination:<14}{state:<8}{row.pending:>8}"
                f"{row.oldest_pending_seconds:>9.1f}s{row.dead:>6}  {row.last_error}"
            )

    def _explain(self, options: dict) -> None:
        self.stdout.write(explain(self._find(options["id"])))

    def _cancel(self, options: dict) -> None:
        count = letters.cancel([self._find(options["id"])], reason=options["reason"])
        self.stdout.write(f"{count} messages cancelled.")

    def _redeliver(self, options: dict) -> None:
        dead = OutboxMessage.objects.dead()
        chosen = {
            "id": options["id"],
            "destination": options["destination"],
            "type": options["type"],
        }
        filters = {name: value for name, value in chosen.items() if value}
        if not filters and not options["all"]:
            raise CommandError("Say which: --id, --destination, --type or --all.")
        count = letters.redeliver(
            dead.filter(**filters), per_second=options["per_second"]
        )
        self.stdout.write(f"{count} messages queued.")

    def _pause(self, options: dict) -> None:
        in_flight = letters.pause(options["destination"], options["reason"])
        self.stdout.write(
            f"{options['destination']} is paused; {in_flight} lanes finish what they "
            f"have in flight."
        )

    def _resume(self, options: dict) -> None:
        letters.resume(options["destination"])
        self.stdout.write(f"{options['destination']} is resumed.")

    def _find(self, id_: UUID) -> OutboxMessage:
        message = OutboxMessage.objects.filter(id=id_).first()
        if message is None:
            raise CommandError(f"There is no message {id_} in this outbox.")
        return message
