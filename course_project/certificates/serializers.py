"""Certificates as JSON."""

from shared.server.serializers import ModelSerializer

from .models import Certificate


class CertificateSerializer(ModelSerializer):
    """What anybody who has the code may know."""

    class Meta:
        model = Certificate
        fields = [
            "code",
            "name",
            "course_id",
            "course_title",
            "skill",
            "level",
            "instructor_name",
            "issued_at",
        ]
        read_only_fields = fields
