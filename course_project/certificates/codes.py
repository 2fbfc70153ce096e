"""Codes of certificates: nobody guesses one, and anybody can read one out."""

import secrets
from collections.abc import Callable, Sequence

# Without I, L, O and U, which are read as other letters or digits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP_LENGTH = 4, 4  # 80 bits


def new_code(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Return a new code: ``7QF2-9M2X-4TRB-HW0C``."""
    groups = (
        "".join(choose(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)
    )
    return "-".join(groups)


def read_code(text: str) -> str:
    """Return the code that somebody typed, in the form in which codes are stored."""
    plain = text.strip().upper().replace("-", "").replace(" ", "")
    starts = range(0, len(plain), GROUP_LENGTH)
    return "-".join(plain[start : start + GROUP_LENGTH] for start in starts)
