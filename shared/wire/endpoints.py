"""What both sides know of an internal endpoint: route, request, answer, callers."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from .structs import Contract, convert, decode_json

Request = TypeVar("Request", bound=Contract)
Answer = TypeVar("Answer", bound=Contract)

# Every declared endpoint by its name; filled by the modules of shared.contracts.
ENDPOINTS: dict[str, "Endpoint"] = {}

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request as it travels: target (path and query) and body."""

    target: str
    body: bytes | None


@dataclass(frozen=True, eq=False)
class Endpoint(Generic[Request, Answer]):
    """One internal endpoint of *peer*.

    Fields of *request* that *template* names go into the path; on GET the rest goes
    into the query (lists joined by commas), else into a JSON body. *ordered_by* names
    the field whose value is the ordering key of messages in the outbox. A keyed
    endpoint acts once per Idempotency-Key; reads and pure checks are not keyed.
    """

    peer: str
    method: str
    template: str
    request: type[Request]
    returns: type[Answer]
    callers: frozenset[str]
    ordered_by: str = ""
    success_status: int = 200
    is_keyed: bool = True
    encoder: msgspec.json.Encoder = field(default_factory=msgspec.json.Encoder)

    @cached_property
    def name(self) -> str:
        """Method and route template: the name in metrics, logs and the outbox."""
        return f"{self.method} {self.template}"

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        """The fields of the request that stand in the path."""
        return tuple(_FIELD.findall(self.template))

    @cached_property
    def django_route(self) -> str:
        """The template as ``django.urls.path`` writes it."""
        return _FIELD.sub(r"<str:\1>", self.template).lstrip("/")

    @cached_property
    def _request_decoder(self) -> msgspec.json.Decoder:
        return msgspec.json.Decoder(self.request)

    @cached_property
    def _object_decoder(self) -> msgspec.json.Decoder:
        return msgspec.json.Decoder(dict[str, object])

    @cached_property
    def _answer_decoder(self) -> msgspec.json.Decoder:
        return msgspec.json.Decoder(self.returns)

    def encode(self, request: Request) -> WireRequest:
        """Validate *request* and put it into path, query and body.

        Raises InvalidRequestError when a field breaks the contract.
        """
        body = self.encoder.encode(request)
        self.validate(body)
        return self.place(body)

    def validate(self, payload: bytes) -> None:
        """Raise InvalidRequestError when an encoded request breaks the contract."""
        decode_json(self._request_decoder, payload)

    def place(self, payload: bytes) -> WireRequest:
        """Put an encoded request, as the outbox stores it, into path, query, body."""
        if self.method != "GET" and not self.path_fields:
            return WireRequest(self.template, payload)
        values = msgspec.json.decode(payload)
        path = self.template
        for name in self.path_fields:
            path = path.replace(f"{{{name}}}", quote(str(values.pop(name)), safe=""))
        if self.method != "GET":
            return WireRequest(path, self.encoder.encode(values))
        query = {name: _query_value(value) for name, value in values.items()}
        query = {name: value for name, value in query.items() if value is not None}
        return WireRequest(f"{path}?{urlencode(query)}" if query else path, None)

    def decode_request(
        self, path: dict[str, str], query: dict[str, str], body: bytes
    ) -> Request:
        """Rebuild the request from its parts; raises InvalidRequestError.

        A body is decoded strictly, path and query leniently: they are text.
        """
        if self.method == "GET":
            lists = self._list_fields
            values = {
                name: (value.split(",") if name in lists else value)
                for name, value in query.items()
            }
            return convert({**values, **path}, self.request, strict=False)
        if not path:
            return decode_json(self._request_decoder, body)
        values = decode_json(self._object_decoder, body)
        return convert({**values, **path}, self.request)

    def decode_answer(self, body: bytes) -> Answer:
        """Return the typed answer; raises msgspec.DecodeError where it does not fit."""
        return self._answer_decoder.decode(body)

    @cached_property
    def _list_fields(self) -> frozenset[str]:
        fields = msgspec.structs.fields(self.request)
        return frozenset(
            item.name
            for item in fields
            if _is_list(msgspec.inspect.type_info(item.type))
        )


def _is_list(info: msgspec.inspect.Type) -> bool:
    if isinstance(info, msgspec.inspect.UnionType):
        return any(_is_list(member) for member in info.types)
    return isinstance(info, msgspec.inspect.ListType | msgspec.inspect.VarTupleType)


def _query_value(value: object) -> str | None:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
