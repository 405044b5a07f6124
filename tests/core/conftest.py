"""A kind of resource that lives in memory: its states are programmed, and no AWS is asked."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, cast

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession, Description, Drift, DriftRules, Patience, Resolved, Resource, States, resource
from batchwright.testing import FakeClock


def refusal(code: str, message: str = "words", operation: str = "CreateThing") -> ClientError:
    """What botocore raises for an answer of this code."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, operation)  # type: ignore[arg-type]  # a part of an answer


@attrs.define(eq=False)
class Cloud:
    """What is there, what was asked, and what the next calls of an operation do instead."""

    things: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    calls: list[str] = attrs.field(factory=list)
    script: dict[str, list[Exception | Callable[[dict[str, Any]], object] | None]] = attrs.field(factory=dict)

    def call(self, operation: str, name: str) -> None:
        """Remember a call, and do what the script says for it."""
        self.calls.append(f"{operation} {name}")
        steps = self.script.get(operation) or [None]
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if step is not None:
            step(self.things.get(name, {}))

    def writes(self) -> list[str]:
        """The calls that change something."""
        return [call for call in self.calls if not call.startswith("read")]


class CloudSession(BatchSession):
    """A session on a cloud in memory."""

    cloud: Cloud

    @property
    def caller(self) -> str:
        """No STS is asked."""
        return "arn:aws:iam::1:user/me"


@attrs.frozen(kw_only=True)
class ThingDescription(Description):
    """What the cloud reports of a thing."""

    name: str
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


@resource(kw_only=True)
class Thing(Resource[ThingDescription]):
    """A scripted resource.

    Args:
        size: Can be changed.
        shape: Cannot.
        options: Can be changed, member by member.
        needs: What it depends on.
    """

    kind: ClassVar[str] = "thing"
    states: ClassVar[States] = States(ready=("READY",), failed=("FAILED",), deleting=("DELETING",), gone=("DELETED",))
    drift_rules: ClassVar[DriftRules] = DriftRules(update=("size", "options"))
    curable: ClassVar[tuple[str, ...]] = ("not spread yet",)

    patience: Patience = Patience(timeout_s=900, jitter=0)
    size: int = 1
    shape: str = "round"
    options: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    needs: "tuple[Thing, ...] | Thing" = ()

    @property
    def _cloud(self) -> Cloud:
        return cast("CloudSession", self.session).cloud

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {"name": self.name, "size": self.size, "shape": self.shape, "options": dict(self.options)}

    def _read(self, resolved: Resolved) -> ThingDescription | None:
        self._cloud.call("read", self.name)
        thing = self._cloud.things.get(self.name)
        if thing is None:
            return None
        if thing.get("pending", 0) > 0:
            thing["pending"] -= 1
            status = thing["meanwhile"]
        else:
            status = thing["status"]
        if status == "DELETED" and thing.pop("vanishes", False):
            del self._cloud.things[self.name]
        return ThingDescription(
            name=self.name,
            status=status,
            status_reason=thing.get("reason", ""),
            tags=dict(thing["tags"]),
            raw={**thing["request"], "tags": dict(thing["tags"]), "default": "of the server"},
        )

    def _create(self, request: Mapping[str, object]) -> None:
        self._cloud.call("create", self.name)
        said = dict(request)
        tags = said.pop("tags")
        self._cloud.things[self.name] = {
            "request": said,
            "tags": dict(cast("Any", tags)),
            "status": "READY",
            "pending": 2,
            "meanwhile": "CREATING",
        }

    def _update(self, request: Mapping[str, object], drift: Drift, seen: ThingDescription) -> None:
        self._cloud.call("update", self.name)
        thing = self._cloud.things[self.name]
        if not thing.pop("deaf", False):
            thing["request"] = {key: value for key, value in request.items() if key != "tags"}
        thing.update(pending=1, meanwhile="UPDATING")

    def _delete(self, seen: ThingDescription) -> None:
        self._cloud.call("delete", self.name)
        thing = self._cloud.things[self.name]
        if thing.get("enabled"):
            thing["enabled"] = False
            return
        thing.update(status="DELETED", pending=2, meanwhile="DELETING", vanishes=True)

    def _cure(self, request: Mapping[str, object], seen: ThingDescription) -> None:
        self._cloud.call("cure", self.name)

    def _tag(self, seen: ThingDescription, tags: Mapping[str, str]) -> None:
        self._cloud.call("tag", self.name)
        self._cloud.things[self.name]["tags"].update(tags)

    def _untag(self, seen: ThingDescription, keys: Collection[str]) -> None:
        self._cloud.call("untag", self.name)
        for key in keys:
            del self._cloud.things[self.name]["tags"][key]


def session_on(cloud: Cloud, namespace: str = "lab", **options: Any) -> CloudSession:  # noqa: ANN401  # as BatchSession
    """A session on this cloud, whose sleeps take no time."""
    session = CloudSession(namespace, region="us-east-2", clock=FakeClock(), **options)
    session.cloud = cloud
    return session


@pytest.fixture
def cloud() -> Cloud:
    """An empty cloud."""
    return Cloud()


@pytest.fixture
def session(cloud: Cloud) -> CloudSession:
    """A session on it."""
    return session_on(cloud)


def put(cloud: Cloud, name: str = "a", **changes: object) -> dict[str, Any]:
    """Have something there that nobody tagged."""
    request = {"name": name, "size": 1, "shape": "round", "options": {}}
    thing: dict[str, Any] = {"request": request, "tags": {}, "status": "READY", **changes}
    cloud.things[name] = thing
    return thing


def failed(reason: str) -> Callable[[dict[str, Any]], object]:
    """A step of a script: the thing has failed."""
    return lambda thing: thing.update(status="FAILED", reason=reason, pending=0)
