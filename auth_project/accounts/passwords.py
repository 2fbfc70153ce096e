"""How passwords are hashed, and which are refused."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from .errors import PasswordRefusedError


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB of memory, 2 iterations, 1 degree of parallelism.

    The minimum that the OWASP Password Storage Cheat Sheet asks for
    (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html);
    Django's own parameters cost about ten times as much per sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def check_password_strength(password: str, *, owner: object, field: str) -> None:
    """Raise PasswordRefusedError, with *field* at fault, for a password too weak.

    *owner* is the account it is for: a password like its address is refused.
    """
    try:
        validate_password(password, owner)
    except ValidationError as error:
        raise PasswordRefusedError(
            errors=[
                {"field": field, "code": fault.code, "detail": fault.messages[0]}
                for fault in error.error_list
            ]
        ) from error
