"""Deleting many things: the right order, all checks first, all errors together; and what a namespace owns."""

from typing import Any, cast

import pytest

from batchwright import Action, BatchSession, BatchwrightError, InUseError, NotOwnedError, RetainedError
from batchwright.local.in_process import InProcessAws

from .conftest import Lab, Refuse

WRITES = ("Delete", "Update", "Deregister", "Terminate")


def test_what_several_things_need_goes_after_all_of_them(session: BatchSession, aws: InProcessAws) -> None:
    """Two queues of two environments that share a group and a role: named in any order, all of it goes."""
    environments = [session.compute_environment(name=f"lab-{n}") for n in range(2)]
    queues = [
        session.job_queue(name=f"lab-{n}", compute_environments=environments[n:] + environments[:n]) for n in range(2)
    ]
    made = session.ensure(*queues)
    since = len(aws.calls)
    report = session.delete(*sorted(made, key=lambda resource: resource.name))
    deleted = [operation for _, operation in aws.calls[since:] if operation.startswith("Delete")]
    assert deleted.index("DeleteComputeEnvironment") > max(
        n for n, each in enumerate(deleted) if each == "DeleteJobQueue"
    )
    assert deleted.index("DeleteSecurityGroup") > max(
        n for n, each in enumerate(deleted) if each == "DeleteComputeEnvironment"
    )
    assert {step.action for resource, step in report.items() if resource.kind != "default network"} == {Action.DELETED}
    assert list(session.inventory()) == []


def test_every_check_comes_before_the_first_call_that_writes(
    session: BatchSession, lab: Lab, aws: InProcessAws
) -> None:
    """The group has one error for each refusal, and nothing was touched."""
    foreign = lab.for_another("other")
    foreign.session.ensure(foreign.definition(name="theirs"))
    job = lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"})
    aws.advance(5)
    since = len(aws.calls)
    with pytest.raises(ExceptionGroup) as caught:
        session.delete(lab.queue, lab.definition(name="theirs"), lab.tracker, job.definition)
    kinds = sorted(type(error).__name__ for error in caught.value.exceptions)
    assert kinds == sorted(kind.__name__ for kind in (InUseError, NotOwnedError, RetainedError))
    assert not [operation for _, operation in aws.calls[since:] if operation.startswith(WRITES)]


def test_a_failure_stops_only_what_must_wait_for_it(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """The queue that AWS does not delete keeps its environment; the definition goes; the next call does the rest."""
    session.ensure(lab.queue, lab.definition())
    refuse("batch", "DeleteJobQueue", "AccessDeniedException", status=403, times=1)
    with pytest.raises(ExceptionGroup) as caught:
        session.delete(lab.queue, lab.environment, lab.definition())
    assert [type(error).__name__ for error in caught.value.exceptions] == ["AccessDeniedError"]
    assert lab.environment.exists()
    assert not lab.definition().exists()
    report = session.delete(lab.queue, lab.environment, lab.definition())
    assert report[lab.definition()].action is Action.ABSENT
    assert not lab.environment.exists()


def test_one_error_from_a_resource_and_a_group_from_a_session(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """A single failure of session.ensure comes as a group too, and what did not depend on it was made."""
    refuse("batch", "CreateComputeEnvironment", "AccessDeniedException", status=403)
    with pytest.raises(BatchwrightError):
        lab.environment.ensure()
    with pytest.raises(ExceptionGroup, match=r"ensure\(\) failed for 1 of \d+ resources") as caught:
        session.ensure(lab.queue, lab.definition())
    assert len(caught.value.exceptions) == 1
    assert lab.definition().exists()
    assert not lab.queue.exists()


def test_the_inventory_shows_orphans(session: BatchSession, lab: Lab) -> None:
    """What another session of the namespace made is listed as not declared here; another namespace's is not listed."""
    earlier, foreign = lab.for_another(), lab.for_another("other")
    earlier.session.ensure(earlier.definition(name="orphan"))
    foreign.session.ensure(foreign.definition(name="theirs"))
    session.ensure(lab.definition(name="ours"))
    assert {item.name: item.declared for item in session.inventory()} == {"orphan": False, "ours": True}
    assert "no" in str(session.inventory())
    (orphan,) = [item for item in session.inventory() if not item.declared]
    session.delete(lab.definition(name=orphan.name))
    assert [item.name for item in session.inventory()] == ["ours"]


def test_a_refused_listing_names_its_action(session: BatchSession, refuse: Refuse) -> None:
    """An inventory that may not see everything says so."""
    refuse("iam", "ListRoles", "AccessDenied", "User x is not authorized to perform: iam:ListRoles", status=403)
    with pytest.raises(BatchwrightError, match="iam:ListRoles") as caught:
        session.inventory()
    assert cast("Any", caught.value).action == "iam:ListRoles"
