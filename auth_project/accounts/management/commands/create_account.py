"""`manage.py create_account`: the first admin of a platform, for example."""

import getpass
import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from auth_project.accounts.errors import EmailTakenError, PasswordRefusedError
from auth_project.accounts.models import Account
from auth_project.accounts.services import change_role, register_account


class Command(BaseCommand):
    help = (
        "Make an account. The password is asked for, or read from standard input when "
        "that is not a terminal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", choices=Account.Role.values, default="student")
        parser.add_argument("--name", default="", help="Full name.")

    def handle(
        self, *args: object, email: str, role: str, name: str, **options: object
    ) -> None:
        try:
            validate_email(email)
            account = register_account(
                email=email, password=_read_password(), full_name=name
            )
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        except PasswordRefusedError as error:
            reasons = " ".join(fault["detail"] for fault in error.errors)
            raise CommandError(f"The password is refused: {reasons}") from error
        except EmailTakenError as error:
            raise CommandError(error.detail) from error
        change_role(account_id=account.pk, role=role)
        self.stdout.write(f"Account {account.pk} made: {account.email}, {role}.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
