"""AWS's rules for EFS mount targets and access points around moto's."""

from typing import Any
from urllib.parse import parse_qs

import attrs

from batchwright.local.efs_memory import EfsMemory, efs_error, looked_up
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward


@attrs.frozen(kw_only=True)
class MountTargetRules:
    """Create, describe and delete mount targets."""

    memory: EfsMemory

    def create(self, call: Call, forward: Forward) -> Answer:
        """Refuse before the file system is available; without groups the VPC's default group is used."""
        request = call.json()
        file_system_id = str(request.get("FileSystemId", ""))
        subnet = self.memory.subnets.subnet(call.region, str(request.get("SubnetId", "")))
        refused = self.memory.unready(call.region, file_system_id)
        if refused is None and subnet is not None:
            refused = self._zone_refused(call, forward, file_system_id, subnet)
        if refused is not None:
            return refused
        if subnet is not None and not request.get("SecurityGroups"):
            group = self.memory.subnets.default_group(call.region, subnet["VpcId"])
            call = call.with_json({**request, "SecurityGroups": [group]} if group else request)
        answer = forward(call)
        if not answer.is_success:
            return answer
        created = answer.json()
        key = (call.region, str(created["MountTargetId"]))
        self.memory.targets[key] = file_system_id
        self.memory.things.begin(key, "creating", self.memory.delays.mount_target_s)
        return answer.with_json(_public(self.memory.shown(call.region, created)))

    def describe(self, call: Call, forward: Forward) -> Answer:
        """Show passing states, and mount targets that are being deleted."""
        asked = {name: values[0] for name, values in parse_qs(call.query).items()}
        answer = forward(call)
        ghosts = [_public(ghost) for ghost in self.memory.ghosts(call.region, "MountTargetId")]
        if "MountTargetId" in asked:
            ghosts = [ghost for ghost in ghosts if ghost["MountTargetId"] == asked["MountTargetId"]]
        elif "FileSystemId" in asked:
            ghosts = [ghost for ghost in ghosts if ghost["FileSystemId"] == asked["FileSystemId"]]
        else:
            ghosts = []
        if answer.status == 404 and ghosts:
            return answer.with_json({"MountTargets": ghosts}, status=200)
        if not answer.is_success:
            return answer
        content = answer.json()
        shown = [_public(self.memory.shown(call.region, item)) for item in content["MountTargets"]]
        is_last_page = "NextMarker" not in content
        return answer.with_json({**content, "MountTargets": shown + (ghosts if is_last_page else [])})

    def delete(self, call: Call, forward: Forward) -> Answer:
        """Delete, and go on showing it as `deleting` for a while."""
        mount_target_id = call.path.rstrip("/").rpartition("/")[2]
        key = (call.region, mount_target_id)
        if self.memory.things.ghost(key) is not None:
            return Answer(status=204)
        found = looked_up(call, forward, "mount-targets", f"MountTargetId={mount_target_id}")
        answer = forward(call)
        if answer.is_success and found:
            del self.memory.targets[key]
            seen = {**self.memory.shown(call.region, found[0]), "LifeCycleState": "deleting"}
            self.memory.things.leave(key, seen, self.memory.delays.delete_s)
        return answer

    def _zone_refused(self, call: Call, forward: Forward, file_system_id: str, subnet: dict[str, str]) -> Answer | None:
        zone = subnet["AvailabilityZone"]
        for found in looked_up(call, forward, "file-systems", f"FileSystemId={file_system_id}"):
            own_zone = found.get("AvailabilityZoneName")
            if own_zone and own_zone != zone:
                message = f"The file system is in {own_zone}, the subnet in {zone}."
                return efs_error("AvailabilityZonesMismatch", message, status=400)
        leaving = self.memory.ghosts(call.region, "MountTargetId", file_system_id)
        if any(ghost["AvailabilityZoneName"] == zone for ghost in leaving):
            return efs_error("MountTargetConflict", "mount target already exists in this AZ", status=409)
        return None


@attrs.frozen(kw_only=True)
class AccessPointRules:
    """Create, describe and delete access points."""

    memory: EfsMemory

    def create(self, call: Call, forward: Forward) -> Answer:
        """A known token answers 409 with the id of its access point; the file system must be available."""
        request = call.json()
        file_system_id = str(request.get("FileSystemId", ""))
        refused = self.memory.unready(call.region, file_system_id)
        if refused is not None:
            return refused
        if not looked_up(call, forward, "file-systems", f"FileSystemId={file_system_id}"):
            message = f"File system '{file_system_id}' does not exist."
            return efs_error("FileSystemNotFound", message, status=404)
        for known in looked_up(call, forward, "access-points", ""):
            if known["ClientToken"] == request.get("ClientToken"):
                message = f"Access point '{known['AccessPointId']}' already exists with this client token."
                return efs_error("AccessPointAlreadyExists", message, status=409, AccessPointId=known["AccessPointId"])
        answer = forward(call)
        if not answer.is_success:
            return answer
        created = answer.json()
        key = (call.region, str(created["AccessPointId"]))
        self.memory.points[key] = file_system_id
        self.memory.access_point_roots[created["AccessPointId"]] = created["RootDirectory"].get("Path", "/")
        self.memory.things.begin(key, "creating", self.memory.delays.file_system_s)
        return answer.with_json(self.memory.shown(call.region, created))

    def describe(self, call: Call, forward: Forward) -> Answer:
        """Show passing states."""
        answer = forward(call)
        if not answer.is_success:
            return answer
        shown = [self.memory.shown(call.region, item) for item in answer.json()["AccessPoints"]]
        return answer.with_json({"AccessPoints": shown})

    def delete(self, call: Call, forward: Forward) -> Answer:
        """Delete: jobs that start from now on cannot mount it."""
        access_point_id = call.path.rstrip("/").rpartition("/")[2]
        answer = forward(call)
        if answer.is_success:
            self.memory.points.pop((call.region, access_point_id), None)
            self.memory.access_point_roots.pop(access_point_id, None)
        return answer


def _public(mount_target: dict[str, Any]) -> dict[str, Any]:
    """A mount target's groups are shown by their own operation only."""
    return {name: value for name, value in mount_target.items() if name != "SecurityGroups"}
