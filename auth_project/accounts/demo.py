"""The accounts with which a fresh platform can be tried out."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from shared.demo import DEMO_INSTRUCTOR, DEMO_LEARNERS
from shared.server.erased import is_erased

from .models import Account
from .services import change_role, register_account


@dataclass(frozen=True)
class DemoAccount:
    """Somebody to sign in as."""

    email: str
    full_name: str
    role: str
    id: UUID | None = None  # where other services know it beforehand


DEMO_ACCOUNTS = (
    *(
        DemoAccount(learner.email, learner.name, Account.Role.STUDENT, learner.id)
        for learner in DEMO_LEARNERS
    ),
    DemoAccount(
        DEMO_INSTRUCTOR.email,
        DEMO_INSTRUCTOR.name,
        Account.Role.INSTRUCTOR,
        DEMO_INSTRUCTOR.id,
    ),
    DemoAccount("admin@demo.ielts", "Ada Quinn", Account.Role.ADMIN),
)


def ensure_demo_accounts() -> str:
    """Make the demo accounts that are missing; return the password of all."""
    password = _ensure_password(Path(settings.DEMO_PASSWORD_FILE))
    for demo in DEMO_ACCOUNTS:
        if Account.objects.filter(email=demo.email).exists():
            continue
        account = register_account(
            email=demo.email,
            password=password,
            full_name=demo.full_name,
            # Peers refuse the id of somebody who was erased.
            account_id=None if demo.id and is_erased(demo.id) else demo.id,
        )
        change_role(account_id=account.pk, role=demo.role)
    return password


def _ensure_password(path: Path) -> str:
    if path.is_file():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = secrets.token_urlsafe(12)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(password + "\n")
    return password
