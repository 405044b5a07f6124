"""An access point: one directory of a volume, entered as one user."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from batchwright._display import Displayed
from batchwright.values import matching, refuse, whole

ID_MAX: Final = 4_294_967_295
_ROOT: Final = re.compile(r"/|(?=.{2,100}\Z)(/[^/\0]+){1,4}")


def _both_or_none(instance: AccessPoint, field: attrs.Attribute[Any], value: int | None) -> None:
    if (value is None) != (instance.uid is None):
        raise refuse(instance, field.name, value, "given together with uid, or not at all")


@attrs.frozen(kw_only=True)
class AccessPoint(Displayed):
    """One directory of a volume as the root of what a job sees, and one user to whom all that jobs write belongs.

    Args:
        path: The directory, absolute, at most 100 characters and four levels; EFS makes it at the first mount.
        uid: The user id that all access is made with, 0 to 4294967295; by default the container's own.
        gid: The group id, given together with `uid`.
        permissions: Of a directory that is made, as `chmod` takes them.
    """

    path: str = attrs.field(
        default="/", validator=matching(_ROOT, "an absolute path of at most 100 characters and 4 levels")
    )
    uid: int | None = attrs.field(default=None, validator=whole(0, ID_MAX))
    gid: int | None = attrs.field(default=None, validator=[whole(0, ID_MAX), _both_or_none])
    permissions: str = attrs.field(
        default="0755", validator=matching(re.compile(r"[0-7]{3,4}"), "3 or 4 octal digits, such as '0755'")
    )

    def to_request(self, volume_token: str) -> dict[str, object]:
        """The members of `efs:CreateAccessPoint`.

        An access point can never be changed, so its token is made of what it is like: another content is another one.
        """
        content: dict[str, object] = {"RootDirectory": self._root()}
        if self.uid is not None:
            content["PosixUser"] = {"Uid": self.uid, "Gid": self.gid}
        return {**content, "ClientToken": _token(volume_token, content)}

    def _root(self) -> dict[str, object]:
        root: dict[str, object] = {"Path": self.path}
        if self.path != "/":
            # Without it EFS does not make the directory, and a mount of what is not there fails.
            owner = {"OwnerUid": self.uid or 0, "OwnerGid": self.gid or 0}
            root["CreationInfo"] = {**owner, "Permissions": self.permissions}
        return root


def _token(volume_token: str, content: Mapping[str, object]) -> str:
    text = json.dumps([volume_token, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
