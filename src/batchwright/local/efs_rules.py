"""AWS's rules for EFS around moto's: which rule an operation has, found by its method and path."""

import re
from collections.abc import Callable

import attrs

from batchwright.local.efs_backups import BackupRules
from batchwright.local.efs_file_systems import FileSystemRules
from batchwright.local.efs_memory import ROOT, EfsMemory, efs_error
from batchwright.local.efs_mount_targets import AccessPointRules, MountTargetRules
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward

Handler = Callable[[Call, Forward], Answer]
_BAD_REQUESTS = {"SubnetNotFound", "SecurityGroupNotFound"}
_ON_FILE_SYSTEM = re.compile(ROOT + r"/file-systems/([^/]+)/(policy|lifecycle-configuration)\Z")


@attrs.define(kw_only=True, eq=False)
class EfsRules:
    """File systems, mount targets and access points take their time; moto's are there, and gone, at once."""

    memory: EfsMemory
    service: str = "elasticfilesystem"
    _handlers: list[tuple[str, re.Pattern[str], Handler]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Draw up which operation has which rule."""
        systems = FileSystemRules(memory=self.memory)
        targets = MountTargetRules(memory=self.memory)
        points = AccessPointRules(memory=self.memory)
        backups = BackupRules(memory=self.memory)
        routes: list[tuple[str, str, Handler]] = [
            ("POST", "/file-systems", systems.create),
            ("GET", "/file-systems", systems.describe),
            ("PUT", "/file-systems/[^/]+", systems.update),
            ("DELETE", "/file-systems/[^/]+", systems.delete),
            ("PUT", "/file-systems/[^/]+/backup-policy", backups.put),
            ("GET", "/file-systems/[^/]+/backup-policy", backups.describe),
            ("POST", "/mount-targets", targets.create),
            ("GET", "/mount-targets", targets.describe),
            ("DELETE", "/mount-targets/[^/]+", targets.delete),
            ("POST", "/access-points", points.create),
            ("GET", "/access-points", points.describe),
            ("DELETE", "/access-points/[^/]+", points.delete),
        ]
        self._handlers = [(method, re.compile(ROOT + path + r"/?\Z"), handler) for method, path, handler in routes]

    def reset(self) -> None:
        """Forget everything."""
        self.memory.reset()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of EFS."""
        for method, path, handler in self._handlers:
            if method == call.method and path.match(call.path):
                return _with_status_of_aws(handler(call, forward))
        on_file_system = _ON_FILE_SYSTEM.match(call.path)
        refused = (
            self.memory.unready(call.region, on_file_system[1]) if on_file_system and call.method != "GET" else None
        )
        return refused or forward(call)


def _with_status_of_aws(answer: Answer) -> Answer:
    """A subnet or group that does not exist is a bad request on AWS, and a 404 in moto."""
    code = str(answer.json().get("__type") or "").rpartition("#")[2] if answer.status == 404 else ""
    if code not in _BAD_REQUESTS:
        return answer
    return efs_error(code, str(answer.json().get("message", "")), status=400)
