"""What a target is sent of an event: all of it, a part, a constant, or a text made of parts."""

import json
import re
from typing import Any, cast

from batchwright.local.state_machines.failures import StateFailure
from batchwright.local.state_machines.paths import read

Wire = dict[str, Any]
_VARIABLE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_ABSENT = object()


def input_of(target: Wire, envelope: Wire, *, rule_name: str, rule_arn: str) -> str:
    """Return the text that a target is sent ("Input transformation", EventBridge guide)."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = _at(str(target["InputPath"]), envelope)
        return json.dumps(None if found is _ABSENT else found)
    if "InputTransformer" in target:
        transformer: Wire = target["InputTransformer"]
        values = {name: _at(path, envelope) for name, path in transformer.get("InputPathsMap", {}).items()}
        values |= {
            "aws.events.rule-name": rule_name,
            "aws.events.rule-arn": rule_arn,
            "aws.events.event.ingestion-time": envelope["time"],
            "aws.events.event.json": envelope,
            "aws.events.event": {name: value for name, value in envelope.items() if name != "detail"},
        }
        return _transformed(str(transformer["InputTemplate"]), values)
    return json.dumps(envelope)


def _at(path: str, envelope: Wire) -> object:
    try:
        return cast("object", read(path, envelope, {}, field="InputPath"))
    except StateFailure:
        return _ABSENT


def _transformed(template: str, values: Wire) -> str:
    """Fill in the variables: bare inside a JSON string, as JSON everywhere else; one that is absent leaves nothing."""
    made: list[str] = []
    is_quoted, at = False, 0
    for found in _VARIABLE.finditer(template):
        before = template[at : found.start()]
        made.append(before)
        is_quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        at = found.end()
        value = values.get(found[1], _ABSENT)
        if value is not _ABSENT:
            text = json.dumps(value)
            made.append(_inside_string(value) if is_quoted else text)
    return "".join((*made, template[at:]))


def _inside_string(value: object) -> str:
    return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]
