"""Progress for operators: to look at; only what happened changes it."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import (
    Progress,
    SkillStatistic,
    StreakMilestone,
    StudyDay,
    StudySession,
)


@admin.register(Progress)
class ProgressAdmin(ReadOnlyModelAdmin):
    list_display = [
        "user_id",
        "lessons_completed",
        "exercises_completed",
        "study_minutes",
        "last_streak_days",
        "longest_streak_days",
        "last_study_date",
        "points",
        "updated_at",
    ]
    list_filter = ["updated_at", "last_study_date"]
    search_fields = ["=user_id"]


@admin.register(StudyDay)
class StudyDayAdmin(ReadOnlyModelAdmin):
    list_display = [
        "day",
        "user_id",
        "lessons_completed",
        "exercises_completed",
        "study_minutes",
    ]
    list_filter = ["day"]
    search_fields = ["=user_id"]


@admin.register(StreakMilestone)
class StreakMilestoneAdmin(ReadOnlyModelAdmin):
    list_display = ["days", "user_id", "reached_on", "created_at"]
    list_filter = ["days", "reached_on"]
    search_fields = ["=user_id"]


@admin.register(StudySession)
class StudySessionAdmin(ReadOnlyModelAdmin):
    list_display = [
        "occurred_at",
        "user_id",
        "session_type",
        "skill",
        "resource_title",
        "lessons_completed",
        "exercises_completed",
        "study_minutes",
        "score_percent",
        "created_at",
    ]
    list_filter = ["session_type", "skill", "occurred_at"]
    search_fields = ["=user_id", "=resource_id", "resource_title"]


@admin.register(SkillStatistic)
class SkillStatisticAdmin(ReadOnlyModelAdmin):
    list_display = [
        "user_id",
        "skill",
        "practices",
        "average_percent",
        "best_percent",
        "last_percent",
        "last_practiced_at",
        "minutes",
    ]
    list_filter = ["skill", "last_practiced_at"]
    search_fields = ["=user_id"]
