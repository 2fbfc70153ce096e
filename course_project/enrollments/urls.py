"""Public routes of enrollments."""

from django.urls import path

from . import views

urlpatterns = [
    path("courses/<str:key>/enroll", views.EnrollView.as_view()),
    path("courses/<str:key>/learners", views.CourseLearnersView.as_view()),
    path("enrollments", views.EnrollmentListView.as_view()),
    path("enrollments/<uuid:enrollment_id>", views.EnrollmentView.as_view()),
    path("lessons/<uuid:lesson_id>", views.LessonView.as_view()),
    path("lessons/<uuid:lesson_id>/progress", views.LessonPositionView.as_view()),
    path("lessons/<uuid:lesson_id>/complete", views.LessonCompleteView.as_view()),
]
