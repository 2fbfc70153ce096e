"""Sign-in and sign-out of the browsable API."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from .forms import PlatformSignInForm

app_name = "rest_framework"  # where DRF's templates look for these two
urlpatterns = [
    path(
        "login",
        LoginView.as_view(
            authentication_form=PlatformSignInForm, template_name="staff/sign_in.html"
        ),
        name="login",
    ),
    path("logout", LogoutView.as_view(next_page="/api-auth/login"), name="logout"),
]
