"""What is well, and easily taken for broken."""

from typing import Any

import pytest

from batchwright import BatchSession, JobFailedError, Severity, WaitTimeoutError
from batchwright.diagnosis import definition_needs, dependencies, efs_facts, network_facts
from batchwright.diagnosis.batch_facts import JOBS
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.running import Run
from batchwright.diagnosis.subjects import JobSubject, VolumeSubject
from batchwright.jobs.description import JobDescription
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_description import MountTargetDescription

from .breaking import World
from .test_known_facts import ALL_IN, ENVIRONMENT, OWN, VPC, definition, entry, facts, found_by, put_environment

__all__ = ["facts"]


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def test_a_job_that_waits_for_others_to_end(world: World) -> None:
    """However long: as long as others run, AWS places jobs, and nothing is to be repaired."""
    world.job("long", vcpus=3, wait_s=100)
    job = world.job("next", vcpus=2, wait_s=1200)
    (finding,) = job.diagnose()
    assert (finding.rule, finding.severity) == ("job-silent", Severity.INFO)
    assert "waits for room" in finding.summary
    assert any("long" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("kind", "severity", "taker"),
    [("REPLENISHABLE", Severity.INFO, "now"), ("NON_REPLENISHABLE", Severity.ERROR, "before")],
)
def test_units_that_came_back(facts: Facts, kind: str, severity: Severity, taker: str) -> None:
    """A job that has ended has what it used up, and nothing that comes back."""
    needed = {"consumableResourceList": [{"consumableResource": "licence", "quantity": 1}]}
    told = {"consumableResourceProperties": needed}
    facts.put(JOBS, "own", JobDescription(job_id="own", name="a", status="RUNNABLE", raw=told))
    units = {"resourceType": kind, "totalQuantity": 1, "availableQuantity": 0}
    facts.put(dependencies.CONSUMABLE, "licence", units)
    taken = {"before": "SUCCEEDED"} if kind == "NON_REPLENISHABLE" else {"before": "SUCCEEDED", "now": "RUNNING"}
    facts.put(dependencies.TAKERS, "licence", taken)
    (finding,) = found_by("job-consumable", facts, JobSubject("own", "job 'a'"))
    assert finding.severity is severity
    assert f"taken by job {taker} (" in finding.summary


def test_a_diagnosis_that_fails_hides_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a wait and the failure of a job are told, whatever becomes of their reasons."""
    job = world.job(command=["false"], environment={}, wait_s=0)

    def fail(*_: object) -> None:
        raise KeyError("something that no AWS has told before")

    monkeypatch.setattr(Run, "look", fail)
    with pytest.raises(WaitTimeoutError) as late:
        job.wait(timeout_s=1)
    with pytest.raises(JobFailedError) as failed:
        job.wait()
    assert late.value.diagnosis is failed.value.diagnosis is None


def test_a_mount_target_of_another_zone(facts: Facts) -> None:
    """A job mounts by the mount target of its own zone: what the others admit is no matter of its environment's."""
    put_environment(facts, security_group_ids=("sg-jobs",))
    facts.put(efs_facts.FILE_SYSTEMS, ("id", "fs-1"), {"LifeCycleState": "available"})
    admitting = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": "sg-jobs"}]}
    groups: dict[str, list[Any]] = {"sg-open": [admitting], "sg-closed": []}
    for group, rules in groups.items():
        facts.put(network_facts.GROUPS, group, {"GroupId": group, "IpPermissions": rules})
    volume = VolumeSubject(file_system_id="fs-1", label="volume", environments=("lab",))

    def found(own: str, other: str) -> list[Severity]:
        targets = [
            MountTargetDescription(id=zone, status="available", subnet_id=zone, zone=f"us-east-2{zone}")
            for zone in ("a", "b")
        ]
        facts.put(efs_facts.MOUNT_TARGETS, "fs-1", tuple(targets))
        facts.put(efs_facts.TARGET_GROUPS, "a", (own,))
        facts.put(efs_facts.TARGET_GROUPS, "b", (other,))
        return [each.severity for each in found_by("nfs-not-admitted", facts, volume)]

    assert found("sg-open", "sg-closed") == []
    assert found("sg-closed", "sg-open") == [Severity.ERROR]


def test_one_family_of_addresses_denied(facts: Facts) -> None:
    """That a network ACL denies all of IPv6 first says nothing of IPv4, nor the other way round."""
    six: dict[str, Any] = {"CidrBlock": "", "Ipv6CidrBlock": "::/0"}
    entries = [
        ALL_IN,
        {key: value for key, value in entry(90, "deny", egress=True, **six).items() if value != ""},
        entry(100, "allow", egress=True),
    ]
    acl = {"NetworkAclId": "acl-1", "Associations": [{"SubnetId": OWN}], "Entries": entries}
    facts.put(network_facts.NETWORK_ACLS, VPC, (acl,))
    assert found_by("network-acl-closed", facts, ENVIRONMENT) == []
    acl["Entries"] = entries[:2]
    assert len(found_by("network-acl-closed", facts, ENVIRONMENT)) == 1


def test_a_parameter_of_another_account(facts: Facts) -> None:
    """One that is shared with this account is not listed in it."""
    theirs = "arn:aws:ssm:us-east-2:999999999999:parameter/key"
    facts.put(definition_needs.PARAMETERS, theirs, False)  # what the listing says
    subject = definition(facts, secrets=[{"name": "KEY", "valueFrom": theirs}])
    assert found_by("secret-missing", facts, subject) == []
    ours = theirs.replace("999999999999", "123456789012")
    facts.put(definition_needs.PARAMETERS, ours, False)  # as above
    subject = definition(facts, secrets=[{"name": "KEY", "valueFrom": ours}])
    assert len(found_by("secret-missing", facts, subject)) == 1


@pytest.mark.parametrize(("said", "count"), [("true", 0), ("True", 0), ("1", 0), ("false", 1)])
def test_a_group_that_is_to_be_made(facts: Facts, said: str, count: int) -> None:
    """However the option says so."""
    facts.put(definition_needs.LOG_GROUPS, "own", False)  # whether it is there
    options = {"awslogs-group": "own", "awslogs-create-group": said}
    subject = definition(facts, logConfiguration={"logDriver": "awslogs", "options": options})
    assert len(found_by("log-group-missing", facts, subject)) == count


def test_the_action_that_was_refused_is_the_one_to_ask_for(world: World) -> None:
    """Where one fact takes several calls, it is the one that AWS names."""
    volume = world.session.efs_volume(name="scratch")
    volume.ensure()
    action = "elasticfilesystem:DescribeMountTargets"
    said = f"User: arn:aws:iam::123456789012:user/me is not authorized to perform: {action}"
    world.aws.faults.add(Fault.error("AccessDeniedException", status=403, message=said, operation=action))
    (finding,) = world.session.diagnose(volume)
    assert finding.summary == f"Not all was checked: the IAM action {action} is not allowed."


def test_a_job_that_became_runnable_a_moment_ago(world: World) -> None:
    """However long it waited for another one before, it is at the head of its queue since then."""
    first = world.job("first", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "1500"}, wait_s=60)
    job = world.job("second", depends_on=[first], wait_s=1400)
    while world.of(job).status == "PENDING":
        world.aws.advance(10)
    assert (world.of(first).status, world.of(job).status) == ("SUCCEEDED", "RUNNABLE")
    diagnosis = job.diagnose()
    assert not diagnosis
    assert any("is number 1 of 1" in note for note in diagnosis.notes)
