"""Public routes of certificates."""

from django.urls import path

from . import views

urlpatterns = [
    path("certificates", views.CertificateListView.as_view()),
    path("certificates/<slug:code>", views.CertificateView.as_view()),
]
