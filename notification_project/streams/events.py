"""Server-sent events, as bytes; the form is that of the HTML standard."""

HEARTBEAT = b": heartbeat\n\n"


def event(name: str, data: bytes, position: int | None = None) -> bytes:
    """Return one event; *data* is JSON, so one line. A *position* becomes its id."""
    line = f"id: {position}\n".encode() if position is not None else b""
    return b"%bevent: %b\ndata: %b\n\n" % (line, name.encode(), data)


def retry(milliseconds: int) -> bytes:
    """Return the time after which a client that was cut off comes again."""
    return f"retry: {milliseconds}\n\n".encode()
