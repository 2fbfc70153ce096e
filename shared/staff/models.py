"""The people who sign in to this service's admin and browsable API."""

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac

from shared.wire.ids import uuid7


class StaffUserManager(models.Manager):
    """Finds people by their address, as Django's sign-in asks."""

    def get_by_natural_key(self, email):
        return self.get(email=email)


class StaffUser(AbstractBaseUser, PermissionsMixin):
    """A platform account as this service saw it when auth last vouched for it.

    It has no password: auth-service checks it. ``id`` is the platform's user id.
    """

    password = None

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20)
    is_staff = models.BooleanField(
        "may enter this admin", default=False, help_text="Set from the role at sign-in."
    )
    is_active = models.BooleanField(default=True)
    credential = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",  # processes of the version before may still add rows
        editable=False,
        help_text="Auth's stamp of the password: another one ends the sessions.",
    )
    verified_at = models.DateTimeField(
        help_text="When auth-service last confirmed this account."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StaffUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]
        verbose_name = "person"
        verbose_name_plural = "people"

    def __str__(self):
        return self.email

    def get_session_auth_hash(self):
        """Tie sessions to role and password: a change of either signs out."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self):
        return ()

    def _session_hash(self):
        key_salt = "shared.staff.StaffUser"
        value = f"{self.pk}:{self.role}:{self.is_active}:{self.credential}"
        return salted_hmac(key_salt, value, algorithm="sha256").hexdigest()

    @property
    def name(self):
        """The name as an access token gives it: views meet both kinds of people."""
        return self.full_name

    @property
    def sid(self):
        """No session of auth-service: the person came by a cookie of this one."""
        return None

    def get_full_name(self):
        return self.full_name or self.email

    def get_short_name(self):
        return self.full_name or self.email
