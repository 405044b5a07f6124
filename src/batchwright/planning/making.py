"""Making a plan: every resource is asked what `ensure()` would do with it; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from batchwright._wire import Description
from batchwright.declaration import Declaration
from batchwright.errors import AccessDeniedError
from batchwright.graph import in_order
from batchwright.lifecycle import Resource, as_resource
from batchwright.many import graph_of
from batchwright.outcome import Resolved
from batchwright.parallel import over_graph
from batchwright.planning.outlook import Outlook
from batchwright.planning.plan import Plan
from batchwright.planning.warnings import warnings_of
from batchwright.replacing import reason_for
from batchwright.report import Step
from batchwright.values import Action


def plan_all(resources: tuple[Declaration, ...]) -> Plan:
    """What `ensure_all` would do; nothing is written.

    Raises:
        ExceptionGroup: Of what `ensure()` would fail with too. What may not be read is part of the plan instead.
    """
    resolved = Resolved()
    asked = over_graph(graph_of(resources), lambda each: _step(as_resource(each), resolved), doing="plan()")
    # Whichever answered first: a plan of the same things reads the same.
    steps = {each: asked[each] for each in in_order(resources, lambda each: each.dependencies())}
    session = next((resource.session for resource in steps), None)
    return Plan(steps, warnings_of(Outlook(session, steps, resolved)) if session else ())


def _step(resource: Resource[Description], resolved: Resolved) -> Step:
    try:
        action, drift = resource.plan(resolved)
    except AccessDeniedError as denied:
        return Step(resource=resource, action=Action.UNKNOWN, note=_denied(resource, denied))
    note = ""
    if action is Action.REPLACED:
        actual: Mapping[str, object] = resource._actual(resolved[resource]) if resource in resolved else {}
        reason = reason_for(resource.kind, drift, actual)
        note = "\n".join((*reason.why, reason.way_out))
    elif action is Action.UPDATED and not drift:
        note = "it is to point to something that is still to be made"
    return Step(resource=resource, action=action, drift=drift, note=note)


def _denied(resource: Declaration, denied: AccessDeniedError) -> str:
    other = denied.resource
    needs = f"it depends on {other.label}; " if isinstance(other, Declaration) and other != resource else ""
    return f"{needs}reading needs the IAM action {denied.action}"
