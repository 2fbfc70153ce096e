"""Public routes of reviews, below /api/v1."""

from django.urls import path

from .views import CourseReviewsView, ReviewView

urlpatterns = [
    path("courses/<str:key>/reviews", CourseReviewsView.as_view(), name="reviews"),
    path("reviews/<uuid:review_id>", ReviewView.as_view(), name="review"),
]
