"""The secrets of the services: made once, kept in files that only their owner reads."""

import os
import secrets
from pathlib import Path

from shared.peers.keys import new_secret

from .platform import SERVICES, Platform


def ensure_secrets(platform: Platform) -> list[Path]:
    """Make the secret files that are missing; return them. Present ones are kept."""
    made = []
    for service in SERVICES:
        private_folder(platform.var / service)
        folder = private_folder(platform.var / service / "secrets")
        for name, make in (
            ("secret_key", new_secret_key),
            ("internal_api_key", lambda: new_secret().text),
            # For compose.yaml; on one machine the services use SQLite files.
            ("database_password", new_database_password),
        ):
            path = folder / name
            if path.is_file() and path.stat().st_size:
                path.chmod(0o600)
                continue
            write_private(path, make() + "\n")
            made.append(path)
    return made


def new_secret_key() -> str:
    """Return a key for Django's signatures, of letters, digits, - and _."""
    return secrets.token_urlsafe(50)


def new_database_password() -> str:
    """Return a password that needs no escape in an address."""
    return secrets.token_hex(32)


def private_folder(path: Path) -> Path:
    """Return the folder *path*, which only its owner may enter."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Write *text* to *path* whole or not at all, for its owner's eyes only."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
