"""What to think of before a plan is carried out: every rule over what it would make."""

from __future__ import annotations

from typing import Final

import attrs

from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import Rule
from batchwright.diagnosis.running import Run
from batchwright.findings import Finding, ordered
from batchwright.planning import fitting, idle, nat, quotas
from batchwright.planning.outlook import Outlook

OF_RESOURCES: Final = (*idle.RULES, *nat.RULES, *fitting.RULES)
OF_REGIONS: Final = quotas.RULES
RULES: Final[tuple[Rule, ...]] = (*OF_RESOURCES, *OF_REGIONS)
"""All rules, in the order in which a reader should meet them."""


def warnings_of(outlook: Outlook) -> tuple[Finding, ...]:
    """What the rules find; one that may not look says which IAM action it needs, and the others go on."""
    run = Run(Facts(outlook.session))
    for wanted in outlook.wanted():
        for rule in OF_RESOURCES:
            if isinstance(wanted.resource, rule.of):
                run.check(rule, wanted)
    for rule in OF_REGIONS:
        run.check(rule, outlook)
    unchecked = [(distance, _again(finding)) for distance, finding in run.unchecked()]
    return ordered((*run.found, *unchecked))


def _again(finding: Finding) -> Finding:
    return attrs.evolve(
        finding, fix=finding.fix.replace("whoever diagnoses", "whoever plans").replace("diagnose", "plan")
    )
