"""The words in which a code is sent."""

from dataclasses import dataclass

from shared.topology import NAME

_END = "The code is good for 15 minutes. If it was not you, do nothing."


@dataclass(frozen=True)
class Mail:
    """What a person reads."""

    subject: str
    text: str


def mail_for(purpose: str, code: str) -> Mail:
    """Return the mail that carries *code*; *purpose* is one of Code.Purpose."""
    subject, what = {
        "password_reset": ("Choose a new password", "set a new password"),
        "email_verification": ("Confirm your address", "confirm this address"),
    }[purpose]
    return Mail(
        f"{NAME}: {subject}",
        f"To {what}, enter this code:\n\n    {code}\n\n{_END}\n",
    )
