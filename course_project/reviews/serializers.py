"""Reviews as JSON."""

from shared.server.serializers import (
    CharField,
    IntegerField,
    ModelSerializer,
    TextField,
)

from .models import Review


class ReviewSerializer(ModelSerializer):
    """A review as everybody reads it."""

    author_name = CharField(help_text="Empty before this service knows it.")

    class Meta:
        model = Review
        fields = [
            "id",
            "course_id",
            "user_id",
            "author_name",
            "rating",
            "text",
            "created_at",
            "updated_at",
        ]


class ReviewChangesSerializer(ModelSerializer):
    """What a learner says of a course."""

    rating = IntegerField(min_value=1, max_value=5)
    text = TextField(max_length=4000, allow_blank=True, required=False)

    class Meta:
        model = Review
        fields = ["rating", "text"]
