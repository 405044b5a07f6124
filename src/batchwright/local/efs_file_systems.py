"""AWS's rules for EFS file systems around moto's."""

from typing import Any
from urllib.parse import parse_qs, quote

import attrs

from batchwright.local.efs_memory import EfsMemory, efs_error, looked_up
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward

_THROUGHPUT = ("ThroughputMode", "ProvisionedThroughputInMibps")
_DAY_S = 86_400


@attrs.frozen(kw_only=True)
class FileSystemRules:
    """Create, describe, update and delete."""

    memory: EfsMemory

    def create(self, call: Call, forward: Forward) -> Answer:
        """Refuse what AWS refuses; a known token answers 409 with the id of its file system."""
        request = call.json()
        token = str(request.get("CreationToken", ""))
        refused = _illegal(request)
        if refused is not None:
            return refused
        for known in self._with_token(call, forward, token):
            message = f"File system '{known['FileSystemId']}' already exists with creation token '{token}'"
            return efs_error("FileSystemAlreadyExists", message, status=409, FileSystemId=known["FileSystemId"])
        answer = forward(call)
        if not answer.is_success:
            return answer
        created = answer.json()
        key = (call.region, str(created["FileSystemId"]))
        self.memory.saved[key] = bool(request.get("Backup", "AvailabilityZoneName" in request))
        self.memory.things.begin(key, "creating", self.memory.delays.file_system_s)
        return answer.with_json(self.memory.shown(call.region, created))

    def describe(self, call: Call, forward: Forward) -> Answer:
        """Show passing states, and file systems that are being deleted."""
        asked = {name: values[0] for name, values in parse_qs(call.query).items()}
        ghosts = self.memory.ghosts(call.region, "FileSystemId")
        answer = forward(call if "MaxItems" in asked else _with_page_of_100(call))
        if "FileSystemId" in asked:
            ghosts = [ghost for ghost in ghosts if ghost["FileSystemId"] == asked["FileSystemId"]]
            if ghosts and answer.status == 404:
                return answer.with_json({"FileSystems": ghosts}, status=200)
        elif "CreationToken" in asked:
            ghosts = [ghost for ghost in ghosts if ghost["CreationToken"] == asked["CreationToken"]]
        if not answer.is_success:
            return answer
        content = answer.json()
        shown = [self.memory.shown(call.region, item) for item in content["FileSystems"]]
        is_last_page = "NextMarker" not in content
        return answer.with_json({**content, "FileSystems": shown + (ghosts if is_last_page else [])})

    def update(self, call: Call, forward: Forward) -> Answer:
        """Change the throughput, the only thing that can change; moto has no such operation."""
        file_system_id = call.path.rstrip("/").rpartition("/")[2]
        key = (call.region, file_system_id)
        found = looked_up(call, forward, "file-systems", f"FileSystemId={file_system_id}")
        if not found:
            message = f"File system '{file_system_id}' does not exist."
            return efs_error("FileSystemNotFound", message, status=404)
        now = self.memory.clock.now()
        before = self.memory.shown(call.region, found[0])
        after = {name: value for name, value in call.json().items() if name in _THROUGHPUT}
        refused = self.memory.unready(*key) or _illegal({**before, **after}) or self._too_soon(key, before, after, now)
        if refused is not None:
            return refused
        if _is_limited(before, after):
            self.memory.throughput_changed_at[key] = now
        self.memory.throughput[key] = {**self.memory.throughput.get(key, {}), **after}
        self.memory.things.begin(key, "updating", self.memory.delays.file_system_s)
        return Answer(headers={"content-type": "application/json"}).with_json(
            self.memory.shown(call.region, found[0]), status=202
        )

    def delete(self, call: Call, forward: Forward) -> Answer:
        """Refuse while a mount target is there, one that is being deleted included; then show `deleting`."""
        file_system_id = call.path.rstrip("/").rpartition("/")[2]
        key = (call.region, file_system_id)
        if self.memory.things.ghost(key) is not None:
            return Answer(status=204)
        if self.memory.ghosts(call.region, "MountTargetId", file_system_id):
            message = "Must delete all mount targets before deleting file system."
            return efs_error("FileSystemInUse", message, status=409)
        found = looked_up(call, forward, "file-systems", f"FileSystemId={file_system_id}")
        answer = forward(call)
        if answer.is_success and found:
            del self.memory.saved[key]
            seen = {**self.memory.shown(call.region, found[0]), "LifeCycleState": "deleting"}
            self.memory.things.leave(key, seen, self.memory.delays.delete_s)
            self.memory.remove_contents(file_system_id)
        return answer

    def _with_token(self, call: Call, forward: Forward, token: str) -> list[dict[str, Any]]:
        live = looked_up(call, forward, "file-systems", f"CreationToken={quote(token, safe='')}")
        ghosts = self.memory.ghosts(call.region, "FileSystemId")
        return live + [ghost for ghost in ghosts if ghost["CreationToken"] == token]

    def _too_soon(
        self, key: tuple[str, str], before: dict[str, Any], after: dict[str, Any], now: float
    ) -> Answer | None:
        changed_at = self.memory.throughput_changed_at.get(key)
        if changed_at is None or now - changed_at >= _DAY_S or not _is_limited(before, after):
            return None
        message = "You must wait 24 hours after the last change before you switch the mode or lower the throughput."
        return efs_error("TooManyRequests", message, status=429)


def _is_limited(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a change is one of those that AWS allows once a day."""
    mode = after.get("ThroughputMode", before.get("ThroughputMode"))
    name = "ProvisionedThroughputInMibps"
    return mode != before.get("ThroughputMode") or float(after.get(name) or before.get(name) or 0) < float(
        before.get(name) or 0
    )


def _illegal(request: dict[str, Any]) -> Answer | None:
    """Return the refusal of a combination that AWS does not have."""
    is_max_io = request.get("PerformanceMode") == "maxIO"
    mode = request.get("ThroughputMode")
    message = None
    if is_max_io and request.get("AvailabilityZoneName"):
        message = "One Zone file systems do not support the performance mode maxIO."
    elif is_max_io and mode == "elastic":
        message = "The throughput mode elastic is supported only with the performance mode generalPurpose."
    elif mode == "provisioned" and not request.get("ProvisionedThroughputInMibps"):
        message = "Provisioned throughput needs a value for ProvisionedThroughputInMibps."
    elif mode != "provisioned" and request.get("ProvisionedThroughputInMibps"):
        message = "ProvisionedThroughputInMibps is for the throughput mode provisioned only."
    return None if message is None else efs_error("BadRequest", message, status=400)


def _with_page_of_100(call: Call) -> Call:
    return attrs.evolve(call, query=f"{call.query}&MaxItems=100" if call.query else "MaxItems=100")
