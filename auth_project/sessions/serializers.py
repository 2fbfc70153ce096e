"""JSON of the sessions app."""

from rest_framework import serializers as rest

from shared.server.serializers import CharField, ModelSerializer, Serializer

from .models import Session


class RefreshTokenSerializer(Serializer):
    refresh_token = CharField(max_length=200)


class IssuedTokensSerializer(rest.Serializer):
    access_token = rest.CharField()
    refresh_token = rest.CharField()
    token_type = rest.CharField()
    expires_in = rest.IntegerField(help_text="Seconds until the access token expires.")


class SessionSerializer(ModelSerializer):
    is_current = rest.SerializerMethodField(help_text="Is it the one that asks?")

    class Meta:
        model = Session
        fields = [
            "id",
            "user_agent",
            "address",
            "created_at",
            "last_used_at",
            "is_current",
        ]
        read_only_fields = fields

    def get_is_current(self, session) -> bool:
        return session.pk == getattr(self.context["request"].user, "sid", None)


class KeySetSerializer(rest.Serializer):
    """A JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037)."""

    keys = rest.ListField(child=rest.DictField(child=rest.CharField()))
