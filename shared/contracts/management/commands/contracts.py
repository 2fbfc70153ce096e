"""Export the contracts, and check that a change breaks nobody."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shared.contracts import golden, outages, reference


class Command(BaseCommand):
    help = "Write or check the golden schemas, or write the reference of all contracts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        export = commands.add_parser("export", help="Write the golden schemas.")
        export.add_argument(
            "--breaking", action="store_true", help="Even where a change breaks peers."
        )
        commands.add_parser("check", help="Name what breaks or is out of date.")
        commands.add_parser("reference", help="Write the pages about them in docs/.")

    def handle(self, *args: object, **options: object) -> None:
        """Run the subcommand."""
        getattr(self, f"_{options['command']}")(options)

    def _export(self, options: dict) -> None:
        broken = golden.breakages()
        if broken and not options["breaking"]:
            raise CommandError(
                "\n".join(broken) + "\nDeclare a new version beside the old one, "
                "or export with --breaking when no peer relies on it."
            )
        changed = golden.write_golden()
        self.stdout.write(f"{len(changed)} golden schemas written.")

    def _check(self, options: dict) -> None:
        lines = golden.breakages() or golden.differences()
        if lines:
            raise CommandError("\n".join(lines))
        self.stdout.write("All contracts are as the golden schemas say.")

    def _reference(self, options: dict) -> None:
        for path, text in (
            (reference.PATH, reference.render_reference()),
            (outages.PATH, outages.render_outages()),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.stdout.write("The reference of all contracts is written.")
