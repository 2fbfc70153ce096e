"""`manage.py jwt_keys`: the keys that sign access tokens."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from auth_project.sessions.errors import KeyRotationError
from auth_project.sessions.signing_keys import KeyRing, signing_keys


class Command(BaseCommand):
    help = (
        "Make the first signing key (ensure), publish a new one that signs after a "
        "minute (rotate), remove old ones (retire), or show them (list)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("ensure", help="Make a key if there is none.")
        actions.add_parser("rotate", help="Publish a new key; it signs in a minute.")
        retire = actions.add_parser("retire", help="Remove keys that no longer sign.")
        retire.add_argument(
            "--force",
            action="store_true",
            help="Although tokens that they signed may live; those are refused.",
        )
        actions.add_parser("list", help="Show the keys and what each is for.")

    def handle(
        self, *args: object, action: str, force: bool = False, **options: object
    ) -> None:
        try:
            self.stdout.write(_do(action, is_forced=force))
        except KeyRotationError as error:
            raise CommandError(str(error)) from error


def _do(action: str, *, is_forced: bool) -> str:
    store = signing_keys()
    if action == "ensure":
        return f"Key {store.ensure().kid} signs."
    if action == "rotate":
        key = store.rotate()
        return f"Key {key.kid} is published; it signs from {_utc(key.signs_from)}."
    if action == "retire":
        retired = store.retire_now() if is_forced else store.retire()
        return f"Retired: {', '.join(key.kid for key in retired) or 'none'}."
    return _listing(store.ring(), timezone.now())


def _listing(ring: KeyRing, now: datetime) -> str:
    if not ring.keys:
        return "No keys: run `manage.py jwt_keys ensure`."
    current = ring.signing_key(now)
    lines = []
    for key in ring.keys:
        if key == current:
            use = f"signs since {_utc(key.signs_from)}"
        elif key.signs_from > now:
            use = f"next, signs from {_utc(key.signs_from)}"
        else:
            use = f"previous, can be retired at {_utc(ring.retirable_at(key))}"
        lines.append(f"{key.kid}  {use}")
    return "\n".join(lines)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
