"""Own certificates, and the check of anybody's by its code."""

from django.shortcuts import render
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .models import Certificate
from .serializers import CertificateSerializer

JSON, PAGE = "application/json", "text/html"


class CertificateListView(ListAPIView):
    """Own certificates, newest first."""

    serializer_class = CertificateSerializer
    queryset = Certificate.objects.all()

    def get_queryset(self):
        return super().get_queryset().of_learner(self.request.user.id)


class CertificateView(APIView):
    """Who completed which course: public, for those who were given the code.

    A browser gets a page to print, through the gateway too; a refusal is a problem
    document for everybody.
    """

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]

    @extend_schema(
        responses={
            (200, JSON): CertificateSerializer,
            (200, PAGE): OpenApiResponse(OpenApiTypes.STR, description="To print."),
        }
    )
    def get(self, request, code):
        certificate = services.find_certificate(code=code)
        if request.get_preferred_type([JSON, PAGE]) == PAGE:
            answer = render(
                request,
                "certificates/certificate.html",
                {"certificate": certificate},
            )
        else:
            answer = Response(CertificateSerializer(certificate).data)
        answer["Vary"] = "Accept"
        return answer
