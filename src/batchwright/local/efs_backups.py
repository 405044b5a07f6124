"""The backup policies of EFS file systems, which moto can only show, and shows wrongly for One Zone."""

import attrs

from batchwright.local.efs_memory import EfsMemory, efs_error
from batchwright.local.messages import Answer, Call, answer_json, as_object
from batchwright.local.neighbour_rules import Forward, Key

_PASSING = {"ENABLED": "ENABLING", "DISABLED": "DISABLING"}


@attrs.frozen(kw_only=True)
class BackupRules:
    """Put and describe whether AWS Backup saves a file system."""

    memory: EfsMemory

    def put(self, call: Call, forward: Forward) -> Answer:
        """Switch it on or off, which takes a while."""
        del forward  # moto has no such operation
        key = _key(call)
        wanted = str((as_object(call.json().get("BackupPolicy")) or {}).get("Status", ""))
        refused = self._missing(key) or self.memory.unready(*key)
        if refused is not None:
            return refused
        if wanted not in _PASSING:
            return efs_error("ValidationException", f"Status is ENABLED or DISABLED, not '{wanted}'.", status=400)
        if self.memory.saved[key] != (wanted == "ENABLED"):
            self.memory.saved[key] = wanted == "ENABLED"
            self.memory.things.begin(_policy_key(key), _PASSING[wanted], self.memory.delays.file_system_s)
        return self._shown(key)

    def describe(self, call: Call, forward: Forward) -> Answer:
        """Show the policy: ENABLED for One Zone, DISABLED for others, where nobody has said anything."""
        del forward  # moto forgets what was said at the making of a One Zone file system
        key = _key(call)
        return self._missing(key) or self._shown(key)

    def _missing(self, key: Key) -> Answer | None:
        if key in self.memory.saved:
            return None
        return efs_error("FileSystemNotFound", f"File system '{key[1]}' does not exist.", status=404)

    def _shown(self, key: Key) -> Answer:
        settled = "ENABLED" if self.memory.saved[key] else "DISABLED"
        return answer_json({"BackupPolicy": {"Status": self.memory.things.state(_policy_key(key)) or settled}})


def _key(call: Call) -> Key:
    return call.region, call.path.rstrip("/").split("/")[-2]


def _policy_key(key: Key) -> Key:
    return key[0], f"{key[1]}/backup-policy"
