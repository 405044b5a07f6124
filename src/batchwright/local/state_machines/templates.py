"""Payload templates: `Parameters`, `ResultSelector` and `ItemSelector`, whose fields ending in `.$` are filled in."""

from typing import cast

from batchwright.local.messages import as_list, as_object
from batchwright.local.state_machines.expressions import evaluate
from batchwright.local.state_machines.failures import Json


def filled(template: Json, data: Json, context: Json) -> Json:
    """Return the template with each `name.$` replaced by `name` and the value of its expression.

    Raises:
        StateFailure: An expression has no value.
    """
    if isinstance(template, list):
        return [filled(item, data, context) for item in as_list(cast("object", template))]
    if (fields := as_object(template)) is None:
        return template
    made: dict[str, Json] = {}
    for name, value in fields.items():
        if name.endswith(".$"):
            made[name.removesuffix(".$")] = evaluate(value, data, context, field=name)
        else:
            made[name] = filled(value, data, context)
    return made
