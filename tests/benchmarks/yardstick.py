"""A server that answers as AWS does far faster than what it measures, in its own process, on the loopback only.

`python -m benchmarks.yardstick` prints its address. A GET tells what it has seen; a POST to `/reset` sets the quota,
the latency and the neighbour, and forgets everything.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, cast

import attrs

from benchmarks.jobs import Jobs
from benchmarks.tables import Tables

DYNAMODB: Final = "DynamoDB_20120810."
REASONS: Final = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}
ARN: Final = "arn:aws:batch:us-east-2:123456789012"
STANDING: Final[dict[str, dict[str, Any]]] = {
    "describecomputeenvironments": {"computeEnvironments": [{"computeEnvironmentName": "bench", "status": "VALID"}]},
    "describejobqueues": {"jobQueues": [{"jobQueueName": "bench", "status": "VALID", "state": "ENABLED"}]},
    "describejobdefinitions": {
        "jobDefinitions": [{"jobDefinitionArn": f"{ARN}:job-definition/bench:1", "status": "ACTIVE", "revision": 1}]
    },
    "file-systems": {"FileSystems": [{"FileSystemId": "fs-1", "Tags": [{"Key": "Name", "Value": "bench"}]}]},
}
"""What looking at a warm account shows."""
XML: Final = {
    "GetCallerIdentity": "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/bench</Arn>",
    "GetRole": "<Role><RoleName>bench</RoleName></Role>",
}


@attrs.define(kw_only=True)
class Options:
    """How the server behaves.

    Attributes:
        latency_s: Seconds between a request and its answer; other requests do not wait for it.
        quota_per_s: As for `Jobs`.
        burst_s: As for `Jobs`.
        neighbour: How many SubmitJob requests a second somebody else sends, and the seconds after the first of ours
            between which they do.
        looks: As for `Jobs`.
        premade: As for `Jobs`.
    """

    latency_s: float = 0.0
    quota_per_s: float = 0.0
    burst_s: float = 1.0
    neighbour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    looks: int = 0
    premade: int = 0


class Yardstick:
    """All state of the server."""

    def __init__(self) -> None:
        self.reset(Options())

    def reset(self, options: Options) -> None:
        """Forget everything."""
        self.options = options
        self.jobs = Jobs(
            quota_per_s=options.quota_per_s, burst_s=options.burst_s, looks=options.looks, premade=options.premade
        )
        self.tables = Tables(self.jobs.row, self.jobs.rows)
        self.calls: Counter[str] = Counter()
        self.neighbour_took = 0
        self.began = time.process_time()

    def answer(self, path: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        if path == "/reset":
            self.reset(
                Options(**{**json.loads(body), "neighbour": tuple(json.loads(body).get("neighbour", (0, 0, 0)))})
            )
            return 200, b"{}"
        if path == "/seen":
            return 200, json.dumps(self.seen()).encode()
        if target.startswith(DYNAMODB):
            operation = target[len(DYNAMODB) :]
            self.calls[operation] += 1
            status, told = self.tables.answer(operation, json.loads(body))
            return status, json.dumps(told).encode()
        return self._answer_others(path.rstrip("/").rpartition("/")[2].partition("?")[0], body)

    def _answer_others(self, operation: str, body: bytes) -> tuple[int, bytes]:
        if not operation:
            action = body.partition(b"Action=")[2].partition(b"&")[0].decode()
            self.calls[action] += 1
            told = f"<{action}Response><{action}Result>{XML.get(action, '')}</{action}Result></{action}Response>"
            return 200, told.encode()
        self.calls[operation] += 1
        if operation in STANDING:
            return 200, json.dumps(STANDING[operation]).encode()
        if operation == "submitjob" and self.calls[operation] == 1:
            self._invite_neighbour()
        known = self.jobs.operations.get(operation)
        return known(json.loads(body)) if known else (400, b'{"message": "The yardstick does not know this operation"}')

    def _invite_neighbour(self) -> None:
        per_s, start_s, end_s = self.options.neighbour
        loop, state = asyncio.get_running_loop(), self.jobs
        end = loop.time() + end_s

        def submit() -> None:
            if loop.time() < end and state is self.jobs:
                self.neighbour_took += state.quota.take()
                loop.call_later(1 / per_s, submit)

        if per_s:
            loop.call_later(start_s, submit)

    def seen(self) -> dict[str, Any]:
        """What came in since the last reset: proof from the server's own list."""
        jobs = self.jobs
        return {
            "calls": dict(self.calls),
            "jobs": len(jobs.names),
            "submissions": len(jobs.submissions),
            "doubled": sum(count - 1 for count in jobs.submissions.values()),
            "recorded": sum(row.get("job_id", {}).get("S", "") in jobs.names for row in self.tables.rows.values()),
            "refused": jobs.refused,
            "neighbour_took": self.neighbour_took,
            "accepting_s": jobs.accepted_at[-1] - jobs.accepted_at[0] if jobs.accepted_at else 0.0,
            "cpu_s": time.process_time() - self.began,
        }


class Http(asyncio.Protocol):
    """HTTP 1.1 with a body of known length, as boto3 speaks it."""

    def __init__(self, yardstick: Yardstick) -> None:
        self.yardstick, self.buffer = yardstick, b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin-1")
            lowered = head.lower()
            length = int(_header(lowered, "content-length") or 0)
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            target = _header(head, "X-Amz-Target") if "x-amz-target" in lowered else ""
            self._answer(head.split(" ", 2)[1], target, body)

    def _answer(self, path: str, target: str, body: bytes) -> None:
        status, told = self.yardstick.answer(path, target, body)
        kind = "text/xml" if told[:1] == b"<" else "application/json"
        error = "x-amzn-ErrorType: TooManyRequestsException\r\n" if status == 429 else ""
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nDate: {_date(int(time.time()))}\r\nContent-Type: {kind}\r\n"
            f"x-amzn-RequestId: 0\r\n{error}Content-Length: {len(told)}\r\n\r\n"
        )
        self._later(self._write, head.encode() + told)

    def _later(self, write: Callable[[bytes], None], data: bytes) -> None:
        latency_s = self.yardstick.options.latency_s
        if latency_s:
            asyncio.get_running_loop().call_later(latency_s, write, data)
        else:
            write(data)

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)


def _header(head: str, name: str) -> str:
    return head.partition(f"\r\n{name}: ")[2].partition("\r\n")[0]


_DATES: dict[int, str] = {}


def _date(second: int) -> str:
    if second not in _DATES:
        _DATES.clear()
        _DATES[second] = email.utils.formatdate(second, usegmt=True)
    return _DATES[second]


async def serve() -> None:
    """Serve until the standard input ends, which it does with the process that started this one."""
    yardstick, loop = Yardstick(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Http(yardstick), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
