"""Certificates, as they were on the day of their issue."""

from django.db import models
from django.utils import timezone

from course_project.catalogue.models import Course, OfCourseQuerySet
from shared.wire.ids import uuid7

from .codes import read_code


class CertificateQuerySet(OfCourseQuerySet):
    def of_learner(self, user_id):
        """Certificates of one person."""
        return self.filter(user_id=user_id)

    def with_code(self, text):
        """The certificate with this code, however it was typed."""
        return self.filter(code=read_code(text))


class Certificate(models.Model):
    """Somebody completed a course; names and titles stay what they were then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True)
    user_id = models.UUIDField()
    name = models.CharField(max_length=200)
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="certificates"
    )
    course_title = models.CharField(max_length=200)
    skill = models.CharField(max_length=20, choices=Course.Skill)
    level = models.CharField(max_length=20, choices=Course.Level)
    instructor_name = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(default=timezone.now)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "course"], name="certificate_one_per_course"
            )
        ]
        indexes = [
            models.Index(
                fields=["user_id", "-issued_at", "-id"], name="certificate_of_learner"
            ),
            models.Index(fields=["-issued_at", "-id"], name="certificate_newest"),
        ]

    def __str__(self):
        return f"{self.code}: {self.name}, {self.course_title}"
