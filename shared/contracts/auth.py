"""What auth-service does for its peers: it vouches for people."""

from uuid import UUID

from shared.wire.structs import Contract, Line, Role

from .peer import Peer

auth = Peer("auth")
EVERYONE = {"auth", "user", "course", "exercise", "notification"}


class VerifyCredentials(Contract, frozen=True):
    """A sign-in at an admin or a browsable API."""

    email: Line
    password: Line
    client_address: str = ""


class VerifiedAccount(Contract, frozen=True):
    """The account that auth vouches for; ``credential`` is another per password."""

    user_id: UUID
    email: str
    full_name: str
    role: Role
    credential: str = ""


verify_credentials = auth.post(
    "/api/v1/auth/internal/credentials/verify",
    VerifyCredentials,
    returns=VerifiedAccount,
    callers=EVERYONE,
    success_status=200,
    is_keyed=False,
)


class GetAccount(Contract, frozen=True):
    """Is this account still what it was at sign-in?"""

    user_id: UUID


get_account = auth.get(
    "/api/v1/auth/internal/accounts/{user_id}",
    GetAccount,
    returns=VerifiedAccount,
    callers=EVERYONE,
)
