"""One HTTP request and its answer, as the layers of the local server hand them on."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import attrs


@attrs.frozen(kw_only=True)
class Call:
    """A request as it came in: path and query still percent-encoded, header names in lower case.

    `lag_s` is the age from which things are to be shown to it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    body: bytes = attrs.field(default=b"", repr=False)  # holds variables and secrets of jobs
    region: str = ""
    service: str = ""
    lag_s: float = 0.0

    def header(self, name: str) -> str:
        """Return the header's value, empty where it is missing."""
        return self.headers.get(name, "")

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object, empty where there is none."""
        return _parsed(self.body)

    def form(self) -> dict[str, str]:
        """Return the body's form fields, as the query protocols send them."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))

    def with_json(self, content: Mapping[str, Any]) -> "Call":
        """Return this call with another body."""
        body = json.dumps(content).encode()
        headers = {**self.headers, "content-length": str(len(body))}
        return attrs.evolve(self, body=body, headers=headers)


@attrs.frozen(kw_only=True)
class Answer:
    """A response: status, headers and whole body."""

    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object, empty where there is none."""
        return _parsed(self.body)

    def with_json(self, content: Mapping[str, Any], *, status: int | None = None) -> "Answer":
        """Return this answer with another body, and perhaps another status; a checksum of the old body is dropped."""
        headers = {name: value for name, value in self.headers.items() if name not in {"x-amz-crc32", "content-length"}}
        return Answer(status=status or self.status, headers=headers, body=json.dumps(content).encode())


def answer_json(content: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Return an answer that carries `content`."""
    return Answer(status=status, headers={"content-type": "application/json"}, body=json.dumps(content).encode())


def as_object(value: object) -> dict[str, Any] | None:
    """Return `value` where it is a JSON object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[object]:
    """Return `value` where it is a JSON array, an empty list where it is not."""
    return cast("list[object]", value) if isinstance(value, list) else []


def objects_in(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every JSON object inside `content`, itself included."""
    pending: list[object] = [content]
    while pending:
        item = pending.pop()
        if (inner := as_object(item)) is not None:
            yield inner
            pending.extend(inner.values())
        else:
            pending.extend(as_list(item))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        content = as_object(json.loads(body or b"{}"))
    except ValueError:
        return {}
    return content or {}
