"""A Task's Parameters as a request of its service, and the service's response as the Task's result."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from batchwright.local.messages import as_list, as_object
from batchwright.local.state_machines.failures import Json, as_text
from batchwright.local.state_machines.member_names import state_name


class UnknownMemberError(ValueError):
    """A request has a member that its operation does not."""


def known_members(shape: StructureShape) -> dict[str, str]:
    """Return the members of a structure by the names that Step Functions has for them."""
    # The types of DynamoDB's values (BOOL, SS) are taken in both forms, as no documentation says which one is right.
    capitals = {member: member for member in shape.members if member.isupper()}
    return capitals | {state_name(member): member for member in shape.members}


def request_of(shape: Shape, value: Json, path: str = "") -> Json:
    """Return Parameters as the members that the service's model names.

    Raises:
        UnknownMemberError: A member is not among them; AWS takes them with a capital letter at their front only.
    """
    found = as_object(value)
    if isinstance(shape, StructureShape) and found is not None:
        return _structure_request(shape, found, path)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [request_of(shape.member, item, path) for item in as_list(cast("object", value))]
    if isinstance(shape, MapShape) and found is not None:
        return {key: request_of(shape.value, item, path) for key, item in found.items()}
    if shape.type_name == "string" and not isinstance(value, str):
        return as_text(value)
    if shape.type_name == "blob":
        return (value if isinstance(value, str) else as_text(value)).encode()
    return value


def _structure_request(shape: StructureShape, value: dict[str, Json], path: str) -> Json:
    members = known_members(shape)
    made: dict[str, Json] = {}
    for name, item in value.items():
        if name not in members:
            raise UnknownMemberError(f'The field "{path}{name}" is not supported by Step Functions')
        if item is not None:
            made[members[name]] = request_of(shape.members[members[name]], item, f"{path}{name}.")
    return made


def result_of(shape: Shape | None, value: Json) -> Json:
    """Return a service's response as a Task's result."""
    if isinstance(shape, StructureShape):
        return {
            state_name(name): result_of(shape.members[name], item)
            for name, item in value.items()
            if name in shape.members
        }
    if isinstance(shape, ListShape):
        return [result_of(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: result_of(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def unknown_members(shape: Shape, template: Json, path: str = "") -> Iterator[str]:
    """Yield the members of a payload template that the operation does not have, those filled in at run time too."""
    found = as_object(template) or {}
    if isinstance(shape, StructureShape):
        members = known_members(shape)
        for field, item in found.items():
            name = field.removesuffix(".$")
            if name not in members:
                yield f"{path}{name}"
            elif name == field:
                yield from unknown_members(shape.members[members[name]], item, f"{path}{name}.")
    elif isinstance(shape, ListShape):
        for item in as_list(template):
            yield from unknown_members(shape.member, item, path)
    elif isinstance(shape, MapShape):
        for item in found.values():
            yield from unknown_members(shape.value, item, path)
