"""Tickets as JSON."""

from rest_framework import serializers

from shared.server.serializers import Serializer


class TicketSerializer(Serializer):
    """What opens a stream once, for ``expires_in`` seconds."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()
