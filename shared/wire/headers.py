"""The headers that services give each other, each named once."""

INTERNAL_KEY = "X-Internal-API-Key"
ON_BEHALF_OF = "X-On-Behalf-Of"
REQUEST_TIMEOUT = "X-Request-Timeout-Ms"
IDEMPOTENCY_KEY = "Idempotency-Key"
IDEMPOTENCY_REPLAYED = "Idempotency-Replayed"
TRACEPARENT = "traceparent"
TRACE_ID = "X-Trace-ID"
RETRY_AFTER = "Retry-After"

# What the gateway sets on everything that it passes on (gateway/proxy_headers.conf).
FORWARDING = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded")


def meta_name(header: str) -> str:
    """Return the name under which WSGI keeps *header* (``HTTP_X_TRACE_ID``)."""
    return "HTTP_" + header.upper().replace("-", "_")
