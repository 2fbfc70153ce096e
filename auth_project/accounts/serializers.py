"""JSON of the accounts app."""

from rest_framework import serializers as rest

from shared.server.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    EmailField,
    ModelSerializer,
    Serializer,
    TextField,
)

from .addresses import MOST_CHARACTERS, normalise_email
from .models import Account, InstructorApplication


class PasswordField(CharField):
    """A password: spaces count; longer than anybody types is refused."""

    def __init__(self, **options):
        super().__init__(
            trim_whitespace=False,
            max_length=128,
            style={"input_type": "password"},
            **options,
        )


class RegistrationSerializer(Serializer):
    email = EmailField()
    password = PasswordField()
    full_name = CharField(required=False, allow_blank=True, max_length=200, default="")
    role = ChoiceField(
        choices=["student", "instructor"],
        default="student",
        help_text="With instructor, a student with a pending application is made.",
    )

    def validate_email(self, value):
        if len(normalise_email(value)) > MOST_CHARACTERS:
            raise rest.ValidationError(
                "The address is too long once its domain is ASCII.", code="max_length"
            )
        return value


class SignInSerializer(Serializer):
    email = CharField(max_length=254)
    password = PasswordField()


class PasswordChangeSerializer(Serializer):
    current_password = PasswordField()
    new_password = PasswordField()


class ErasureSerializer(Serializer):
    password = PasswordField(help_text="Once more: there is no way back.")


class InstructorApplicationInputSerializer(Serializer):
    statement = TextField(max_length=4000, help_text="Why you want to teach.")


class AccountSerializer(ModelSerializer):
    email_verified = BooleanField(read_only=True)

    class Meta:
        model = Account
        fields = ["id", "email", "full_name", "role", "email_verified"]
        read_only_fields = fields


class SignedInSerializer(rest.Serializer):
    """The account and what its device got, as one object."""

    user = AccountSerializer(source="account")
    access_token = rest.CharField(source="tokens.access_token")
    refresh_token = rest.CharField(source="tokens.refresh_token")
    token_type = rest.CharField(source="tokens.token_type")
    expires_in = rest.IntegerField(
        source="tokens.expires_in", help_text="Seconds until the access token expires."
    )


class InstructorApplicationSerializer(ModelSerializer):
    class Meta:
        model = InstructorApplication
        fields = ["id", "state", "statement", "created_at"]
        read_only_fields = fields
