#!/usr/bin/env python
"""Django's command line for the exercise service."""

import os
import sys
from pathlib import Path

# The repository root is the only import root; left in place, sys.path[0] would make
# every module of this service importable under a second name.
sys.path[0] = str(Path(__file__).resolve().parent.parent)


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exercise_project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
