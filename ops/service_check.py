"""Django's own checks of one service: python -m ops.service_check."""

import django
from django.core.management import call_command


def main() -> None:
    """Refuse what `manage.py check` refuses, and models that have no migration yet."""
    django.setup()
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True)


if __name__ == "__main__":
    main()
