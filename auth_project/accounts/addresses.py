"""One spelling per e-mail address."""

from django.utils.crypto import salted_hmac

MOST_CHARACTERS = 254  # normalised; with a domain in another script it grows


def normalise_email(email: str) -> str:
    """Return *email* as accounts keep it: lower case, the domain in ASCII.

    Mail systems that tell "Ana" from "ana" are gone; two accounts for what people see
    as one address would be a trap. Never raises: what is no address stays none.
    """
    local, _, domain = email.strip().lower().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = domain
    return f"{local}@{ascii_domain}"


def seal_email(email: str) -> str:
    """Return what stands for a normalised address once nobody may read it any more."""
    salt = "auth_project.accounts.sealed_email"
    return salted_hmac(salt, email, algorithm="sha256").hexdigest()
