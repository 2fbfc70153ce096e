"""What operators do with the keys that this service accepts."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .keys import InternalKey, digest_of, new_secret
from .models import InternalAPIKey

# A key is safe to revoke when another was used and it was not for this long. One that
# is being replaced has callers who look at their file every few seconds, and a use is
# written once a minute; of any other key nobody knows how seldom it is used.
QUIET = timedelta(hours=1)
QUIET_RETIRING = timedelta(minutes=2)


def issue_key(caller: str, *, note: str = "") -> str:
    """Make a stand-alone key for *caller* and return it; only its digest is kept."""
    key = new_secret()
    InternalAPIKey.objects.create(
        key_id=key.key_id, caller=caller, digest=key.digest, note=note
    )
    return key.text


def register_key(caller: str, *, key_id: str, digest: str, note: str = "") -> bool:
    """Accept the key with this digest from *caller*; return whether it is new.

    A revoked key stays revoked: registering is repeated at every start.
    """
    _, is_new = InternalAPIKey.objects.get_or_create(
        key_id=key_id, defaults={"caller": caller, "digest": digest, "note": note}
    )
    return is_new


def register_derived(caller: str, key: InternalKey, *, note: str = "") -> bool:
    """Accept a derived key given in full; return whether it is new."""
    return register_key(
        caller, key_id=key.key_id, digest=digest_of(key.text), note=note
    )


@transaction.atomic
def rotate_key(key: InternalAPIKey, *, note: str = "") -> str:
    """Make a successor of *key* and return it; the old one is retiring, not refused."""
    retire_key(key)
    return issue_key(key.caller, note=note or f"replaces {key.key_id}")


def retire_key(key: InternalAPIKey) -> None:
    """Mark *key* as being replaced; it is accepted until it is revoked.

    A revoked key stays revoked.
    """
    rows = InternalAPIKey.objects.filter(pk=key.pk)
    rows.exclude(state=InternalAPIKey.State.REVOKED).update(
        state=InternalAPIKey.State.RETIRING
    )
    key.refresh_from_db(fields=["state"])


def revoke_key(key: InternalAPIKey) -> None:
    """Refuse *key* from now on (other processes follow within 15 s)."""
    key.state = InternalAPIKey.State.REVOKED
    key.save(update_fields=["state"])


def safe_to_revoke(key: InternalAPIKey) -> tuple[bool, str]:
    """Say whether revoking *key* would break a caller, and why."""
    if key.state == InternalAPIKey.State.REVOKED:
        return False, "revoked already"
    others = InternalAPIKey.objects.valid().filter(caller=key.caller).exclude(pk=key.pk)
    if not others.exists():
        return False, f"it is the only valid key of {key.caller}"
    last_used = max(
        (other.last_used_at for other in others if other.last_used_at), default=None
    )
    if last_used is None:
        return False, f"no other key of {key.caller} has been used yet"
    is_retiring = key.state == InternalAPIKey.State.RETIRING
    quiet = QUIET_RETIRING if is_retiring else QUIET
    if key.last_used_at and timezone.now() - key.last_used_at < quiet:
        ago = "under two minutes ago" if is_retiring else "under an hour ago"
        return False, f"used at {key.last_used_at:%Y-%m-%d %H:%M} UTC, {ago}"
    if key.last_used_at and key.last_used_at > last_used:
        return False, f"{key.caller} used it after every other key"
    return True, f"{key.caller} uses another key since {last_used:%Y-%m-%d %H:%M} UTC"
