"""Says what is wrong with a state machine's definition before it runs, as CreateStateMachine does."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from botocore.model import StructureShape

from batchwright.local.state_machines import choice_rules, state_fields
from batchwright.local.state_machines.conversion import unknown_members
from batchwright.local.state_machines.expressions import BadExpressionError, check_expression
from batchwright.local.state_machines.integrations import UnknownResourceError, integration_of
from batchwright.local.state_machines.member_names import state_name
from batchwright.local.state_machines.paths import BadPathError, check_path, check_reference

Wire = dict[str, Any]
_PATHS = ("InputPath", "OutputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath")
_WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


def problem_with(definition: str) -> str | None:
    """Return what is wrong with a definition, with its place, None where it can run."""
    try:
        machine: object = json.loads(definition)
    except ValueError as error:
        return f"INVALID_JSON_DESCRIPTION: {error}"
    if not isinstance(machine, dict):
        return "INVALID_JSON_DESCRIPTION: the definition is not a JSON object"
    try:
        found = ", ".join(_of_block(cast(Wire, machine), "", state_fields.MACHINE))
    except (AttributeError, TypeError) as error:  # a text where an object belongs, and the like
        found = f"a field has a value of the wrong type: {error}"
    return f"SCHEMA_VALIDATION_FAILED: {found}" if found else None


def _of_block(block: Wire, at: str, fields: frozenset[str]) -> Iterator[str]:
    yield from _unknown(block, fields, at or "/")
    if block.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield f"The local AWS interprets the query language JSONPath only at {at}/QueryLanguage"
    states = block.get("States")
    if not isinstance(states, dict) or not states:
        yield f"The field 'States' must be an object with at least one state at {at}/States"
        return
    named = cast("dict[str, Wire]", states)
    if block.get("StartAt") not in named:
        yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {block.get('StartAt')} at {at}/StartAt"
    for name, state in named.items():
        yield from _of_state(state, f"{at}/States/{name}", set(named))
    yield from _unreachable(named, str(block.get("StartAt")), at)


def _of_state(state: Wire, at: str, names: set[str]) -> Iterator[str]:
    kind = state.get("Type")
    if not isinstance(kind, str) or kind not in state_fields.FIELDS:
        yield f"Value {kind!r} is not one of {', '.join(state_fields.FIELDS)} at {at}/Type"
        return
    yield from _unknown(state, state_fields.FIELDS[kind], at)
    yield from (
        f"The field '{name}' is not served by the local AWS at {at}" for name in state_fields.NOT_SERVED & set(state)
    )
    yield from (
        f"The field '{name}' is required at {at}" for name in state_fields.REQUIRED.get(kind, ()) if name not in state
    )
    if kind not in {"Choice", "Succeed", "Fail"} and ("Next" in state) == (state.get("End") is True):
        yield f"A state has either 'Next' or 'End': true at {at}"
    for target in _targets(state):
        if target not in names:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {at}/Next"
    yield from _paths(state, at)
    yield from _of_kind(kind, state, at)
    for name, allowed in (("Retry", state_fields.RETRIER), ("Catch", state_fields.CATCHER)):
        yield from _of_handlers(state.get(name, []), f"{at}/{name}", allowed)


def _of_kind(kind: str, state: Wire, at: str) -> Iterator[str]:
    if kind == "Task":
        yield from _of_task(state, at)
    elif kind == "Choice":
        for number, rule in enumerate(state.get("Choices", [])):
            yield from choice_rules.problems(rule, f"{at}/Choices[{number}]")
        if not state.get("Choices"):
            yield f"A Choice state needs at least one rule at {at}/Choices"
    elif kind == "Wait" and len(set(_WAITS) & set(state)) != 1:
        yield f"A Wait state has exactly one of {', '.join(_WAITS)} at {at}"
    elif kind == "Map":
        block = state.get("ItemProcessor", state.get("Iterator"))
        mode = cast(Wire, block or {}).get("ProcessorConfig", {}).get("Mode", "INLINE")
        if mode != "INLINE":
            yield f"The local AWS runs INLINE maps only at {at}/ItemProcessor/ProcessorConfig/Mode"
        yield from _of_block(cast(Wire, block or {}), f"{at}/ItemProcessor", state_fields.BLOCK)
    elif kind == "Parallel":
        for number, branch in enumerate(state.get("Branches", [])):
            yield from _of_block(branch, f"{at}/Branches[{number}]", state_fields.BLOCK)


def _of_task(state: Wire, at: str) -> Iterator[str]:
    try:
        integration = integration_of(str(state.get("Resource", "")))
    except UnknownResourceError as error:
        yield f"{error} at {at}/Resource"
        return
    shape = integration.operation.input_shape
    parameters = state.get("Parameters")
    if shape is not None and isinstance(parameters, dict):
        for name in unknown_members(shape, cast(Wire, parameters)):
            yield f'The field "{name}" is not supported by Step Functions at {at}/Parameters'
        yield from _missing_members(shape, cast(Wire, parameters), at)


def _missing_members(shape: StructureShape, parameters: Wire, at: str) -> Iterator[str]:
    given = {name.removesuffix(".$") for name in parameters}
    for member in shape.required_members:
        # botocore fills these in itself, as Step Functions does.
        if state_name(member) not in given and not shape.members[member].metadata.get("idempotencyToken"):
            yield f'The field "{state_name(member)}" is required but was missing at {at}/Parameters'


def _of_handlers(rules: list[Wire], at: str, allowed: frozenset[str]) -> Iterator[str]:
    for number, rule in enumerate(rules):
        yield from _unknown(rule, allowed, f"{at}[{number}]")
        errors = rule.get("ErrorEquals")
        if not isinstance(errors, list) or not errors:
            yield f"The field 'ErrorEquals' must name at least one error at {at}[{number}]"
        elif "States.ALL" in errors and (len(cast("list[str]", errors)) > 1 or number < len(rules) - 1):
            yield f"States.ALL must stand alone and in the last rule at {at}[{number}]/ErrorEquals"
        if "Next" in allowed and "Next" not in rule:
            yield f"The field 'Next' is required at {at}[{number}]"
        if "ResultPath" in rule:
            yield from _reference(rule["ResultPath"], f"{at}[{number}]/ResultPath")


def _paths(state: Wire, at: str) -> Iterator[str]:
    for field in _PATHS:
        if state.get(field) is not None:
            try:
                check_path(str(state[field]))
            except BadPathError as error:
                yield f"{error} at {at}/{field}"
    yield from _reference(state.get("ResultPath"), f"{at}/ResultPath")
    for field in ("Parameters", "ResultSelector", "ItemSelector"):
        yield from _template(state.get(field), f"{at}/{field}")


def _reference(path: str | None, at: str) -> Iterator[str]:
    try:
        check_reference("$" if path is None else path)
    except BadPathError as error:
        yield f"{error} at {at}"


def _template(template: object, at: str) -> Iterator[str]:
    if isinstance(template, list):
        for number, item in enumerate(cast("list[object]", template)):
            yield from _template(item, f"{at}[{number}]")
    if not isinstance(template, dict):
        return
    for name, value in cast(Wire, template).items():
        if not name.endswith(".$"):
            yield from _template(value, f"{at}/{name}")
            continue
        try:
            check_expression(value if isinstance(value, str) else "")
        except BadExpressionError as error:
            yield (
                f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call "
                f"({error}) at {at}"
            )


def _unknown(found: Wire, allowed: Iterable[str], at: str) -> Iterator[str]:
    return (f"Field '{name}' is not supported at {at}" for name in found if name not in allowed)


def _targets(state: Wire) -> list[str]:
    rules: list[Wire] = [*state.get("Choices", []), *state.get("Catch", [])]
    named = [state.get("Next"), state.get("Default"), *(rule.get("Next") for rule in rules)]
    return [target for target in named if target is not None]


def _unreachable(states: dict[str, Wire], first: str, at: str) -> Iterator[str]:
    seen: set[str] = set()
    pending = [first]
    while pending:
        name = pending.pop()
        if name in states and name not in seen:
            seen.add(name)
            pending += _targets(states[name])
    for name in states:
        if name not in seen:
            yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {at}/States/{name}'
