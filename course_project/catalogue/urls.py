"""Public routes of the catalogue, below /api/v1."""

from django.urls import path

from .views import (
    ArchiveView,
    CourseListView,
    CourseModulesView,
    CourseView,
    LessonOrderView,
    ModuleLessonsView,
    ModuleOrderView,
    ModuleView,
    PublishView,
)

urlpatterns = [
    path("courses", CourseListView.as_view(), name="courses"),
    path("courses/<str:key>", CourseView.as_view(), name="course"),
    path("courses/<str:key>/publish", PublishView.as_view(), name="publish-course"),
    path("courses/<str:key>/archive", ArchiveView.as_view(), name="archive-course"),
    path("courses/<str:key>/modules", CourseModulesView.as_view(), name="modules"),
    path(
        "courses/<str:key>/modules/reorder",
        ModuleOrderView.as_view(),
        name="reorder-modules",
    ),
    path("modules/<uuid:module_id>", ModuleView.as_view(), name="module"),
    path(
        "modules/<uuid:module_id>/lessons", ModuleLessonsView.as_view(), name="lessons"
    ),
    path(
        "modules/<uuid:module_id>/lessons/reorder",
        LessonOrderView.as_view(),
        name="reorder-lessons",
    ),
]
