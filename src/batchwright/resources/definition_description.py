"""What AWS reports of a job definition: its newest ACTIVE revision, and which others are ACTIVE still."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast

import attrs

from batchwright._display import Displayed, quiet
from batchwright._wire import Description, structure, wire


@attrs.frozen(kw_only=True)
class JobDefinitionDescription(Description):
    """What `batch:DescribeJobDefinitions` reports of the newest ACTIVE revision of one name.

    Attributes:
        arn: The ARN, revision included.
        name: The name, without the revision.
        revision: Its number; it grows by one with every registration.
        status: `"ACTIVE"`, or `"INACTIVE"` once deregistered.
        type: `"container"` or `"multinode"`.
        platform_capabilities: `("EC2",)` or `("FARGATE",)`.
        parameters: Defaults for `Ref::name` in the command.
        container: The `containerProperties`; not shown, since environment variables may be secret.
        tags: All tags.
        older: The other ACTIVE revisions of the name, the newest first.
    """

    arn: str = attrs.field(metadata=wire("jobDefinitionArn"))
    name: str = attrs.field(metadata=wire("jobDefinitionName"))
    revision: int
    status: str = "ACTIVE"
    type: str = "container"
    platform_capabilities: tuple[str, ...] = ()
    parameters: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    container: Mapping[str, object] = attrs.field(
        factory=dict[str, object], metadata={**wire("containerProperties"), **quiet()}, hash=False
    )
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    older: tuple[JobDefinitionDescription, ...] = attrs.field(default=(), metadata=quiet(), eq=False)

    __repr__ = Displayed.__repr__  # attrs would write one that shows what may be secret

    @property
    def image(self) -> str:
        """The image of its container; an empty string where it has none of its own."""
        return str(self.container.get("image", ""))

    @property
    def command(self) -> tuple[str, ...]:
        """The command of its container."""
        return tuple(cast("Collection[str]", self.container.get("command") or ()))


def newest(revisions: Iterable[Mapping[str, object]], *, read_at: float) -> JobDefinitionDescription:
    """The newest of some revisions of one name, with the others in `older`.

    Args:
        revisions: Entries of DescribeJobDefinitions, one or more, in any order.
        read_at: When they were read, in seconds since the epoch.
    """
    seen = [structure(JobDefinitionDescription, entry, read_at=read_at) for entry in revisions]
    first, *others = sorted(seen, key=lambda each: each.revision, reverse=True)
    return attrs.evolve(first, older=tuple(others))
