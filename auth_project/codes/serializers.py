"""JSON of the codes app."""

from auth_project.accounts.serializers import PasswordField
from shared.server.serializers import CharField, Serializer


class CodeField(CharField):
    """A code as it was mailed, or as somebody mistyped it."""

    def __init__(self, **options):
        super().__init__(max_length=32, **options)


class PasswordResetRequestSerializer(Serializer):
    email = CharField(max_length=254)


class PasswordResetSerializer(Serializer):
    email = CharField(max_length=254)
    code = CodeField()
    new_password = PasswordField()


class EmailVerificationSerializer(Serializer):
    code = CodeField()
