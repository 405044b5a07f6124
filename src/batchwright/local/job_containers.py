"""The container that a job will run: the definition's, with overrides and parameters applied."""

import copy
import re
from typing import Any

from batchwright.local.container_rules import check_environment
from batchwright.local.definitions import normal_container, platform_of
from batchwright.local.refusals import Refusal
from batchwright.local.sizes import check_sizes, requirements
from batchwright.local.state import Definition, Wire

_REFERENCE = re.compile(r"Ref::([A-Za-z0-9_-]+)")


def job_container(definition: Definition, request: Wire) -> Wire:
    """Return the container of a submission, in AWS's shape.

    Raises:
        Refusal: An override that AWS refuses, sizes that do not go together, or a parameter without a value.
    """
    container = normal_container(definition.request)
    overrides: Wire = request.get("containerOverrides", {})
    _check_overrides(overrides)
    _override_sizes(container, overrides)
    container["environment"] = _merged_environment(container["environment"], overrides.get("environment", []))
    command = overrides.get("command") or container["command"]
    container["command"] = [_substituted(word, job_parameters(definition, request)) for word in command]
    check_sizes(container, platform_of(definition.request))
    container["resourceRequirements"] = [
        {"type": kind, "value": value} for kind, value in requirements(container).items()
    ]
    return container


def job_parameters(definition: Definition, request: Wire) -> dict[str, str]:
    """Return the values for `Ref::name` in the command, the submission's before the definition's."""
    return {**definition.request.get("parameters", {}), **request.get("parameters", {})}


def _check_overrides(overrides: Wire) -> None:
    if "instanceType" in overrides:
        raise Refusal("containerOverrides.instanceType is only for multi-node parallel jobs.")
    if not all(overrides.get("command", [])):
        raise Refusal("containerOverrides.command cannot hold an empty string.")
    check_environment(overrides.get("environment", []))


def _override_sizes(container: Wire, overrides: Wire) -> None:
    """The newer list is merged by type; the members of old replace only their like."""
    for member in ("vcpus", "memory"):
        if member in container and member in overrides:
            container[member] = overrides[member]
    sizes: list[Wire] = [*container["resourceRequirements"], *overrides.get("resourceRequirements", [])]
    container["resourceRequirements"] = list({size["type"]: dict(size) for size in sizes}.values())


def _merged_environment(declared: list[Wire], overrides: list[Wire]) -> list[Wire]:
    merged: dict[str, Any] = {variable["name"]: variable["value"] for variable in declared}
    merged |= {variable["name"]: variable.get("value") for variable in copy.deepcopy(overrides)}
    return [{"name": name, "value": value} for name, value in merged.items() if value]


def _substituted(word: str, parameters: dict[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in parameters:
            raise Refusal(f"Unable to substitute value. No parameter found for reference {name}")
        return parameters[name]

    return _REFERENCE.sub(value_of, word)
