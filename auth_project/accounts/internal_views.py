"""Peers' door to accounts: auth vouches for people."""

from shared.contracts.auth import (
    GetAccount,
    VerifiedAccount,
    VerifyCredentials,
    get_account,
    verify_credentials,
)
from shared.server.serves import Caller, serves

from . import services
from .models import Account


@serves(verify_credentials)
def verify(request: VerifyCredentials, caller: Caller) -> VerifiedAccount:
    """Check a sign-in at an admin or a browsable API, throttled as the login is."""
    return _vouch_for(
        services.verify_credentials(
            email=request.email,
            password=request.password,
            address=request.client_address,
        )
    )


@serves(get_account)
def get(request: GetAccount, caller: Caller) -> VerifiedAccount:
    """Return an account as it is now; a disabled one is 404 like an unknown one."""
    return _vouch_for(services.get_enabled_account(request.user_id))


def _vouch_for(account: Account) -> VerifiedAccount:
    return VerifiedAccount(
        user_id=account.pk,
        email=account.email,
        full_name=account.full_name,
        role=account.role,
        credential=account.credential,
    )
