"""What the gateway turns away, and where it sends the rest."""

import json
from email.utils import parsedate_to_datetime

import attrs
import pytest

from batchwright.local.gateway import BODY_LIMIT_BYTES, Gateway, loopback_host
from batchwright.local.messages import Answer, Call, answer_json
from batchwright.local.server_clock import ServerClock
from batchwright.local.signature import KeyPair, sign

KEYS = KeyPair.random()
NOW = 1_800_000_000.0


class Room:
    """Remembers what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        if call.body == b"fail":
            raise RuntimeError("broken")
        return attrs.evolve(answer_json({"room": self.name}), headers={"Access-Control-Allow-Origin": "*"})


@attrs.define
class House:
    """A gateway whose rooms are all fake."""

    batch: Room = attrs.field(factory=lambda: Room("batch"))
    neighbours: Room = attrs.field(factory=lambda: Room("neighbours"))
    control: Room = attrs.field(factory=lambda: Room("control"))
    clock: ServerClock = attrs.field(factory=lambda: ServerClock(frozen_at=NOW))

    def ask(self, service: str, path: str = "/", *, signed: bool = True, body: bytes = b"{}", **headers: str) -> Answer:
        gateway = Gateway(
            keys=KEYS,
            clock=self.clock,
            batch=self.batch,
            neighbours=self.neighbours,
            control=self.control,
            is_own_host=loopback_host(4000),
        )
        host = headers.pop("host", "127.0.0.1:4000")
        call = Call(method="POST", path=path, headers={"host": host}, body=body, service=service, region="us-east-2")
        added = sign(call, KEYS, at=self.clock.now()) if signed else {}
        return gateway(attrs.evolve(call, headers={**call.headers, **added, **headers}, service="", region=""))

    @property
    def calls(self) -> list[Call]:
        return self.batch.calls + self.neighbours.calls + self.control.calls


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(
    ("service", "path", "room"),
    [
        ("batch", "/v1/submitjob", "batch"),
        ("batch", "/v1/tags/arn%3Aaws%3Abatch", "batch"),
        ("iam", "/", "neighbours"),
        ("elasticfilesystem", "/2015-02-01/file-systems", "neighbours"),
        ("batchwright-local", "/batchwright-local/advance", "control"),
    ],
)
def test_each_service_has_its_room(house: House, service: str, path: str, room: str) -> None:
    """The service that a request is signed for decides who answers it."""
    answer = house.ask(service, path)
    assert (answer.status, answer.json()) == (200, {"room": room})
    assert [(call.service, call.region) for call in house.calls] == [(service, "us-east-2")]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:4000"])
def test_a_web_page_is_refused(house: House, origin: str) -> None:
    """A request with an `Origin` comes from a browser, and is refused even with a good signature."""
    assert house.ask("batch", "/v1/submitjob", origin=origin).status == 403
    assert house.calls == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:4001", "127.0.0.1", "evil.example:4000", ""])
def test_a_foreign_host_is_refused(house: House, host: str) -> None:
    """A name that was rebound to this machine does not get in."""
    assert house.ask("batch", "/v1/submitjob", host=host).status == 403
    assert house.calls == []


def test_localhost_is_an_own_host(house: House) -> None:
    """The machine's own name is as good as its address."""
    assert house.ask("batch", "/v1/submitjob", host="localhost:4000").status == 200


@pytest.mark.parametrize("path", ["/moto-api/reset", "/batchwright-local/advance", "/v1/submitjob", "/"])
def test_an_unsigned_request_is_refused(house: House, path: str) -> None:
    """Without a signature nothing is served, the control operations least of all."""
    answer = house.ask("batch", path, signed=False)
    assert (answer.status, answer.json()["__type"]) == (403, "MissingAuthenticationTokenException")
    assert house.calls == []


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("iam", "/moto-api/reset"),
        ("iam", "/moto-api"),
        ("iam", "/Moto-Api/data.json"),
        ("ec2", "/latest/meta-data/iam"),
        ("batch", "/moto-api/reset"),
        ("batchwright-local", "/moto-api/reset"),
        ("batchwright-local", "/v1/submitjob"),
    ],
)
def test_control_paths_of_the_neighbours_are_shut(house: House, service: str, path: str) -> None:
    """Even with a good signature nobody reaches moto's own controls, nor Batch under another name."""
    assert house.ask(service, path).status == 404
    assert house.calls == []


def test_a_huge_body_is_refused(house: House) -> None:
    """The server does not take more than it can hold."""
    assert house.ask("batch", "/v1/submitjob", body=b" " * (BODY_LIMIT_BYTES + 1)).status == 413
    assert house.calls == []


def test_the_date_is_the_servers(house: House) -> None:
    """`Date` tells the server's clock, by which a client decides when an old request can no longer be accepted."""
    house.clock.advance(86_400)
    date = parsedate_to_datetime(house.ask("iam").headers["date"])
    assert date.timestamp() == NOW + 86_400


def test_no_answer_invites_web_pages(house: House) -> None:
    """The neighbours' own permission for every origin is taken out."""
    assert not [name for name in house.ask("iam").headers if name.startswith("access-control")]


def test_a_failure_is_an_answer(house: House) -> None:
    """A fault of the server is told as one, in a shape that clients can read."""
    answer = house.ask("dynamodb", body=b"fail")
    assert answer.status == 500
    assert json.loads(answer.body) == {
        "__type": "InternalFailure",
        "message": "The local server failed on this request: RuntimeError: broken",
    }
