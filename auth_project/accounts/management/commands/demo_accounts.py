"""`manage.py demo_accounts`: somebody to sign in as."""

import json

from django.core.management.base import BaseCommand, CommandParser

from auth_project.accounts.demo import DEMO_ACCOUNTS, ensure_demo_accounts


class Command(BaseCommand):
    help = (
        "Make a demo learner, instructor and admin unless they exist, and print how "
        "to sign in. The password is generated once per platform."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print a JSON list.")

    def handle(self, *args: object, **options: object) -> None:
        password = ensure_demo_accounts()
        people = [
            {"email": demo.email, "password": password, "role": str(demo.role)}
            for demo in DEMO_ACCOUNTS
        ]
        if options["json"]:
            self.stdout.write(json.dumps(people))
            return
        for person in people:
            self.stdout.write("{role:<10}  {email}  {password}".format(**person))
