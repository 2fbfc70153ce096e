"""Why the certificates app refuses."""

from shared.wire.errors import DomainError


class CertificateNotFoundError(DomainError):
    """There is no certificate with this code."""

    code = "certificate_not_found"
    status = 404
