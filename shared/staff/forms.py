"""The one sign-in form: platform e-mail and password."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from unfold.forms import AuthenticationForm as AdminAuthenticationForm

from .errors import SignInError
from .models import StaffUser


class PlatformSignInForm(AuthenticationForm):
    """Sign-in to the browsable API: any platform account."""

    error_messages = {
        "invalid_login": "This e-mail and password do not match an account.",
        "inactive": "This e-mail and password do not match an account.",
        "no_rights": (
            "This account has no rights here. Sign in with an account that may use "
            "this admin."
        ),
    }

    def __init__(
        self, request: HttpRequest | None = None, *args: object, **kwargs: object
    ) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "E-mail"

    def clean(self) -> dict[str, object]:
        """Ask auth-service; what it refuses becomes a sentence on the form."""
        try:
            return super().clean()
        except SignInError as error:
            text = str(error) or type(error).__doc__
            raise forms.ValidationError(text, code="sign_in_refused") from error


class AdminSignInForm(PlatformSignInForm, AdminAuthenticationForm):
    """Sign-in to the admin: accounts whose role has rights in this service."""

    def confirm_login_allowed(self, user: StaffUser) -> None:
        """Refuse a person whose role has no rights in this admin."""
        if not user.is_staff:
            raise forms.ValidationError(
                self.error_messages["no_rights"], code="no_rights"
            )
