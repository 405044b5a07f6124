"""One HTTP request and its answer, as the layers of the local server hand them on."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs


@attrs.frozen(kw_only=True)
class Call:
    """A request as it came in: path and query still percent-encoded, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    body: bytes = b""
    region: str = ""
    service: str = ""

    def header(self, name: str) -> str:
        """Return the header's value, empty where it is missing."""
        return self.headers.get(name, "")

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object, empty where there is none."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

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
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object, empty where there is none."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    def with_json(self, content: Mapping[str, Any], *, status: int | None = None) -> "Answer":
        """Return this answer with another body, and perhaps another status; a checksum of the old body is dropped."""
        headers = {name: value for name, value in self.headers.items() if name not in {"x-amz-crc32", "content-length"}}
        return Answer(status=status or self.status, headers=headers, body=json.dumps(content).encode())


def answer_json(content: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Return an answer that carries `content`."""
    return Answer(status=status, headers={"content-type": "application/json"}, body=json.dumps(content).encode())


def objects_in(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every JSON object inside `content`, itself included."""
    pending: list[Any] = [content]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
