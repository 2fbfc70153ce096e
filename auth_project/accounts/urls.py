"""Public routes of accounts."""

from django.urls import path

from . import views

urlpatterns = [
    path("register", views.RegisterView.as_view()),
    path("login", views.LoginView.as_view()),
    path("me", views.MeView.as_view()),
    path("account", views.AccountView.as_view()),
    path("change-password", views.ChangePasswordView.as_view()),
    path("instructor-applications", views.InstructorApplicationsView.as_view()),
]
