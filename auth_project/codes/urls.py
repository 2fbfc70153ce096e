"""Public routes of codes."""

from django.urls import path

from . import views

urlpatterns = [
    path("password-reset", views.PasswordResetView.as_view()),
    path("password-reset/confirm", views.PasswordResetConfirmView.as_view()),
    path("email-verification", views.EmailVerificationView.as_view()),
    path("email-verification/confirm", views.EmailVerificationConfirmView.as_view()),
]
