"""The OpenAPI document: problems on every operation."""

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class ProblemFieldSerializer(serializers.Serializer):
    """What is wrong with one field of a request."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """An error answer (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    trace_id = serializers.CharField()
    errors = ProblemFieldSerializer(many=True, required=False)


class ProblemAutoSchema(AutoSchema):
    """drf-spectacular's schema with a problem document as the default answer.

    A view whose DELETE has a body names its serializer as ``body_of_delete``.
    """

    def _get_request_body(self, direction="request"):
        body = getattr(self.view, "body_of_delete", None)
        if self.method != "DELETE" or body is None:
            return super()._get_request_body(direction)
        component = self.resolve_serializer(body, direction)
        content = {"application/json": {"schema": component.ref}}
        return {"content": content, "required": True}

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        responses["default"] = {
            **self._get_response_for_code(
                ProblemSerializer, "default", ["application/problem+json"]
            ),
            "description": "The request was refused, or failed.",
        }
        return responses
