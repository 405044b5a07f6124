"""What AWS reports of a job definition: the ACTIVE revision that counts, and which others are ACTIVE still."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from typing import ClassVar, cast

import attrs

from batchwright._display import Displayed, quiet
from batchwright._wire import Description, structure, wire
from batchwright.ownership import OWNER_TAG


@attrs.frozen(kw_only=True)
class JobDefinitionDescription(Description):
    """What `batch:DescribeJobDefinitions` reports of the newest ACTIVE revision of one name, or its first equal.

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
        older: The other ACTIVE revisions of the name, the newest first; `copies` are among them.
    """

    _live: ClassVar[tuple[str, ...]] = ("revision", "image", "command")

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

    @property
    def copies(self) -> tuple[JobDefinitionDescription, ...]:
        """Newer ACTIVE revisions that say the same, as processes leave that registered it at once."""
        return tuple(each for each in self.older if each.revision > self.revision)

    def says_as(self, other: JobDefinitionDescription) -> bool:
        """Whether two revisions say the same, whoever registered them."""
        return _content(self) == _content(other)


def newest(revisions: Iterable[Mapping[str, object]], *, read_at: float) -> JobDefinitionDescription:
    """The newest of some revisions of one name, with the others in `older`.

    Of several in a row that say the same it is the first, so that all who look agree on which are copies.

    Args:
        revisions: Entries of DescribeJobDefinitions, one or more, in any order.
        read_at: When they were read, in seconds since the epoch.
    """
    seen = [structure(JobDefinitionDescription, entry, read_at=read_at) for entry in revisions]
    seen.sort(key=lambda each: each.revision, reverse=True)
    alike = list(takewhile(seen[0].says_as, seen))
    return attrs.evolve(alike[-1], older=tuple(each for each in seen if each is not alike[-1]))


def _content(seen: JobDefinitionDescription) -> tuple[dict[str, object], dict[str, str]]:
    content = {key: value for key, value in seen.raw.items() if key not in ("jobDefinitionArn", "revision", "tags")}
    return content, {key: value for key, value in seen.tags.items() if key != OWNER_TAG}
