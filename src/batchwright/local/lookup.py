"""Finds what a request means by a name or an ARN."""

import re
from collections.abc import Collection, Sized

from batchwright.local.refusals import Refusal
from batchwright.local.state import Definition, Environment, Queue, Region

_MOST_OF_A_KIND = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def check_name(member: str, name: str) -> None:
    """Raise Refusal where `name` cannot name a Batch resource."""
    if not _NAME.fullmatch(name):
        raise Refusal(
            f"{member} should match valid pattern: up to 128 letters, digits, hyphens and underscores, "
            f"the first a letter or digit; got {name!r}."
        )


def check_quota(kind: str, there: Sized) -> None:
    """Raise Refusal where an account has as many of a kind in one region as AWS Batch allows."""
    if len(there) >= _MOST_OF_A_KIND:
        raise Refusal(f"Account has reached the maximum number of {kind} in this region: {_MOST_OF_A_KIND}.")


def is_wanted(wanted: Collection[str], name: str, arn: str) -> bool:
    """Return whether a description was asked for, by name or ARN; no filter asks for all."""
    return not wanted or name in wanted or arn in wanted


def find_environment(region: Region, name_or_arn: str) -> Environment | None:
    """Return the compute environment of that name or ARN."""
    found = region.environments.get(name_or_arn.rpartition("/")[2])
    return found if found and name_or_arn in (found.name, found.arn) else None


def find_queue(region: Region, name_or_arn: str) -> Queue | None:
    """Return the job queue of that name or ARN."""
    found = region.queues.get(name_or_arn.rpartition("/")[2])
    return found if found and name_or_arn in (found.name, found.arn) else None


def find_revision(region: Region, name_and_revision: str) -> Definition | None:
    """Return the one revision that `name:revision` or an ARN means, whatever its status."""
    name, _, revision = name_and_revision.rpartition("/")[2].rpartition(":")
    for definition in region.definitions.get(name, []):
        spelled = f"{definition.name}:{definition.revision}"
        if str(definition.revision) == revision and name_and_revision in (spelled, definition.arn):
            return definition
    return None


def find_active_definition(region: Region, identifier: str) -> Definition | None:
    """Return the ACTIVE revision that a submission means: a bare name means the newest."""
    if definition := find_revision(region, identifier):
        return definition if definition.status == "ACTIVE" else None
    name = identifier.removeprefix(region.arn("job-definition/"))
    active = [definition for definition in region.definitions.get(name, []) if definition.status == "ACTIVE"]
    return active[-1] if active else None
