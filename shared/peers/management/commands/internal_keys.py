"""Manage the keys with which peers may call this service."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shared.peers import issuing
from shared.peers.keys import MalformedKeyError, parse_key
from shared.peers.models import InternalAPIKey


class Command(BaseCommand):
    help = "Register, issue, list, rotate, retire, revoke the internal keys of callers."
    # A rotation runs it twenty times; and keys are managed whatever else is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        register = commands.add_parser(
            "register", help="Accept a key that its caller derives from its secret."
        )
        register.add_argument("--caller", help="The caller; its key on standard input.")
        register.add_argument(
            "--from-file",
            help="JSON: [{caller, key_id, digest}, ...], as `make keys` writes it.",
        )
        issue = commands.add_parser("issue", help="Make a key and print it, once.")
        issue.add_argument("--caller", required=True, help="The service that gets it.")
        issue.add_argument("--note", default="", help="For the next operator.")
        listing = commands.add_parser(
            "list", help="All keys, and which are safe to revoke."
        )
        listing.add_argument("--json", action="store_true", help="For programs.")
        rotate = commands.add_parser(
            "rotate", help="Make a successor and print it, once; both are accepted."
        )
        rotate.add_argument("key_id", help="The id in ik_<key id>_...")
        for name, text in (
            ("retire", "Mark keys as being replaced; accepted until they are revoked."),
            ("revoke", "Refuse keys within 15 seconds."),
        ):
            command = commands.add_parser(name, help=text)
            command.add_argument("key_ids", nargs="+", help="The id in ik_<key id>_...")
            command.add_argument(
                "--missing-ok", action="store_true", help="Leave out unknown keys."
            )
            if name == "revoke":
                command.add_argument(
                    "--force", action="store_true", help="Even if it is in use."
                )

    def handle(self, *args: object, **options: object) -> None:
        """Run the subcommand."""
        getattr(self, f"_{options['command']}")(options)

    def _register(self, options: dict) -> None:
        if options["from_file"]:
            entries = self._read_file(Path(options["from_file"]))
        elif options["caller"]:
            entries = [self._read_stdin(options["caller"])]
        else:
            raise CommandError("Say whose: --caller X, or --from-file PATH.")
        new = sum(issuing.register_key(**entry) for entry in entries)
        self.stdout.write(f"{new} keys registered, {len(entries) - new} known already.")

    def _read_file(self, path: Path) -> list[dict[str, str]]:
        try:
            entries = json.loads(path.read_text())
            return [
                {name: entry[name] for name in ("caller", "key_id", "digest")}
                for entry in entries
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{path} is not a list of caller, key_id, digest."
            ) from error

    def _read_stdin(self, caller: str) -> dict[str, str]:
        try:
            key = parse_key(sys.stdin.read().strip())
        except MalformedKeyError as error:
            raise CommandError(str(error)) from error
        return {"caller": caller, "key_id": key.key_id, "digest": key.digest}

    def _issue(self, options: dict) -> None:
        self.stdout.write(issuing.issue_key(options["caller"], note=options["note"]))

    def _list(self, options: dict) -> None:
        rows = [
            (key, *issuing.safe_to_revoke(key)) for key in InternalAPIKey.objects.all()
        ]
        if options["json"]:
            self.stdout.write(json.dumps([_as_dict(*row) for row in rows]))
            return
        self.stdout.write(f"{'key id':<16}{'caller':<14}{'state':<10}safe to revoke")
        for key, is_safe, why in rows:
            self.stdout.write(
                f"{key.key_id:<16}{key.caller:<14}{key.state:<10}"
                f"{'yes' if is_safe else 'no'}: {why}"
            )

    def _rotate(self, options: dict) -> None:
        self.stdout.write(issuing.rotate_key(self._find(options["key_id"])))

    def _retire(self, options: dict) -> None:
        for key in self._find_all(options):
            issuing.retire_key(key)
            self.stdout.write(f"{key.key_id} is {key.state}.")

    def _revoke(self, options: dict) -> None:
        for key in self._find_all(options):
            is_safe, why = issuing.safe_to_revoke(key)
            if not is_safe and not options["force"]:
                raise CommandError(
                    f"{key.key_id} is in use: {why}. --force revokes it."
                )
            issuing.revoke_key(key)
            self.stdout.write(f"{key.key_id} is revoked.")

    def _find_all(self, options: dict) -> list[InternalAPIKey]:
        ids = options["key_ids"]
        if options["missing_ok"]:
            return list(InternalAPIKey.objects.filter(key_id__in=ids))
        return [self._find(key_id) for key_id in ids]

    def _find(self, key_id: str) -> InternalAPIKey:
        key = InternalAPIKey.objects.filter(key_id=key_id).first()
        if key is None:
            raise CommandError(f"There is no key {key_id} here.")
        return key


def _as_dict(key: InternalAPIKey, is_safe: bool, why: str) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "caller": key.caller,
        "state": key.state,
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
        "is_safe_to_revoke": is_safe,
        "why": why,
    }
