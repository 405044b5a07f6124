"""Plans: what would be done reads like a diff, changes nothing, and goes on where it may not look."""

import pickle
from typing import Any

import attrs
import pytest

from batchwright import Action, BatchSession, Network, Plan
from batchwright._display.as_html import to_html
from batchwright._display.as_text import to_text
from batchwright._display.view import Branch, Text
from batchwright.findings import Finding, Severity
from batchwright.local.in_process import InProcessAws
from batchwright.report import Step
from batchwright.testing import evolved

from .conftest import Deny


def words(said: object) -> str:
    return said.text if isinstance(said, Text) else str(said)


def told(plan: Plan) -> dict[str, list[str]]:
    """What is shown of a plan: by line what is below it."""
    branches = [part for part in plan._view().parts if isinstance(part, Branch)]
    return {words(each.label): [words(below.label) for below in each.branches] for each in branches}


def the_job(session: BatchSession, name: str = "sub-01") -> Any:  # noqa: ANN401  # whose queue is never None here
    """A job with everything that it can need."""
    definition = session.job_definition(
        name="convert",
        image="busybox",
        command=["true"],
        environment={"COLOUR": "hunter2"},
        volumes={"/mnt/efs": session.efs_volume(name="scratch")},
    )
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab", max_vcpus=64))
    return session.batch_job(name=name, definition=definition, queue=queue)


def test_what_is_to_be_made_shows_its_main_fields(session: BatchSession) -> None:
    """Each resource is one line, with what was declared below it, and no value of a variable."""
    plan = session.plan(the_job(session))
    lines = told(plan)
    assert plan.summary == "9 to create, 1 to submit, 1 unchanged"
    assert lines["+ create compute environment 'lab'"][:3] == ["type: EC2", "max_vcpus: 64", "min_vcpus: 0"]
    assert "volumes: {/mnt/efs: <EfsVolume 'scratch'>}" in lines["+ create job definition 'convert'"]
    assert "environment: {COLOUR: •••}" in lines["+ create job definition 'convert'"]
    assert "costs while idle: storage, by the GiB" in lines["+ create EFS volume 'scratch'"]
    assert "queue: <JobQueue 'lab'>" in lines["+ submit job 'sub-01'"]
    assert plan.warnings == ()
    assert plan.changed


def test_what_is_there_as_declared_is_counted(session: BatchSession) -> None:
    """It is listed where that is asked for."""
    job = the_job(session)
    session.ensure(job)
    plan = session.plan(job)
    assert (plan.summary, plan.changed, told(plan)) == ("11 unchanged", False, {})
    assert "job queue 'lab'" in told(plan.verbose)["= keep as it is"]
    assert plan == plan.verbose


def test_an_update_shows_field_by_field_what_is_and_what_should_be(session: BatchSession) -> None:
    """Nested values part by part, taken-out fields too, batchwright's own tags and values of variables not."""
    job = the_job(session)
    queue = evolved(job.queue, tags={"project": "reads"})
    session.ensure(attrs.evolve(job, queue=queue))
    environment = evolved(queue.compute_environments[0], max_vcpus=32, instance_types=("c6i", "m6i"))
    definition = evolved(job.definition, image="busybox:2", environment={"COLOUR": "hunter3"})
    plan = session.plan(evolved(queue, priority=8, tags={}), environment, definition)
    assert plan.summary == "3 to update, 7 unchanged"
    assert told(plan) == {
        "~ update compute environment 'lab'": [
            "computeResources.maxvCpus: 64 → 32",
            "computeResources.instanceTypes: [optimal] → [c6i, m6i]",
        ],
        "~ update job queue 'lab'": ["priority: 1 → 8", "tags.project: reads → (none)"],
        "~ update job definition 'convert'": [
            "containerProperties.image: busybox → busybox:2",
            "containerProperties.environment.COLOUR: ••• → •••",
        ],
    }
    assert "hunter" not in f"{plan} {plan!r} {plan._repr_html_()} {list(plan.values())}"


def test_what_aws_cannot_change_says_why_and_the_way_out(session: BatchSession) -> None:
    """For an environment, a queue and a job, in AWS's own rule."""
    job = the_job(session)
    policy = session.scheduling_policy(name="fair")
    session.ensure(job, policy)
    fargate = evolved(
        job.queue.compute_environments[0], type="FARGATE", instance_profile=None, instance_types=(), max_vcpus=64
    )
    queue = evolved(job.queue, scheduling_policy=policy)
    plan = session.plan(fargate, queue, evolved(job, command=("false",)))
    lines = told(plan)
    assert plan.summary == "7 unchanged, 3 cannot be changed"
    assert plan[queue].action is Action.REPLACED
    assert "computeResources.type: EC2 → FARGATE" in lines["! cannot change compute environment 'lab'"]
    assert any("never becomes one of Fargate" in line for line in lines["! cannot change compute environment 'lab'"])
    assert "stays first in, first out" in lines["! cannot change job queue 'lab'"][-2]
    assert "under a new name" in lines["! cannot change job queue 'lab'"][-1]
    assert lines["! cannot change job 'sub-01'"] == [
        "Another declaration was submitted under this name, and AWS cannot change a submitted job.",
        "Give it another name, or run=2 to submit it again on purpose.",
    ]


def test_what_is_named_counts_for_those_that_hold_an_older_declaration(session: BatchSession) -> None:
    """A changed queue beside a job that was declared with the old one is changed all the same."""
    job = the_job(session)
    session.ensure(job)
    changed = evolved(job.queue, priority=8)
    for named in ((changed, job), (job, changed)):
        assert told(session.plan(*named)) == {"~ update job queue 'lab'": ["priority: 1 → 8"]}
    assert session.ensure(job, changed)[changed].action is Action.UPDATED
    assert changed.describe().priority == 8


def test_what_others_made_is_left_with_its_drift(session: BatchSession) -> None:
    """It is no change, and its difference shows."""
    other = BatchSession("other", boto3_session=session.boto3_session, clock=session.clock)
    other.ensure(other.job_queue(name="lab", compute_environments=other.compute_environment(name="lab")))
    mine = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"), priority=9)
    plan = session.plan(mine)
    assert plan[mine].action is Action.UNCHANGED
    assert told(plan)["? leave, since it is not ours: job queue 'lab'"] == ["priority: 1 → 9"]
    assert "1 found and left" in plan.summary


def test_what_may_not_be_read_is_unknown_and_the_rest_goes_on(session: BatchSession, deny: Deny) -> None:
    """It names the IAM action, for what depends on it too, and never says that nothing would change."""
    job = the_job(session)
    session.ensure(job)
    deny("batch:DescribeComputeEnvironments")
    plan = session.plan(job)
    lines = told(plan)
    assert plan[job.queue.compute_environments[0]].action is Action.UNKNOWN
    assert lines["? unknown: compute environment 'lab'"] == [
        "reading needs the IAM action batch:DescribeComputeEnvironments"
    ]
    assert lines["? unknown: job queue 'lab'"] == [
        "it depends on compute environment 'lab'; reading needs the IAM action batch:DescribeComputeEnvironments"
    ]
    assert plan.summary == "9 unchanged, 2 unknown"
    assert plan.changed


def test_what_points_to_something_new_says_so(session: BatchSession) -> None:
    """The difference itself cannot be known yet."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    session.ensure(queue)
    moved = evolved(queue, compute_environments=(session.compute_environment(name="larger"),))
    assert told(session.plan(moved))["~ update job queue 'lab'"] == [
        "it is to point to something that is still to be made"
    ]


def test_a_plan_writes_nothing_and_asks_once(session: BatchSession, aws: InProcessAws) -> None:
    """What was read for a resource is known to those that depend on it."""
    job = the_job(session)
    session.ensure(job)
    aws.calls.clear()
    session.plan(job)
    assert all(name.startswith(("Describe", "Get", "List")) for _, name in aws.calls)
    assert len(aws.calls) <= 23
    assert aws.calls.count(("batch", "DescribeComputeEnvironments")) == 1


def test_plans_are_data(session: BatchSession) -> None:
    """They compare, and go to another process."""
    # Nobody answers there, and nobody is asked.
    job = the_job(BatchSession("lab", region="us-east-2", endpoint_url="http://127.0.0.1:1"))
    warnings = [Finding(severity=Severity.WARNING, summary="It costs.")]
    plan = Plan({each: Step(resource=each, action=Action.CREATED) for each in (job.definition, job)}, warnings)
    again = pickle.loads(pickle.dumps(plan))
    assert again == plan
    assert str(again) == str(plan)
    assert again != Plan(plan)
    assert again != Plan({job: plan[job]}, warnings)
    assert plan != dict(plan)


HOSTILE = "<b onmouseover=alert(1)>\x1b[2J[bold red]\u202e"


def test_nothing_of_a_value_is_markup(session: BatchSession) -> None:
    """What somebody wrote into AWS, or declares, is text in every renderer."""
    definition = session.job_definition(name="convert", image="busybox", command=["true"])
    session.ensure(definition)
    plan = session.plan(
        evolved(definition, command=(HOSTILE,)), session.job_definition(name="new", image="a", command=[HOSTILE])
    )
    page, text = to_html(plan._view()), to_text(plan._view(), 100)
    assert "<b onmouseover" not in page
    assert "&lt;b onmouseover" in page
    assert "\x1b" not in page + text
    assert "\u202e" not in page + text
    assert "[bold red]" in text


@pytest.mark.parametrize("width", [40, 100])
def test_a_plan_fits_the_terminal(session: BatchSession, width: int) -> None:
    """No line is wider than it, and every word is there."""
    text = to_text(session.plan(the_job(session))._view(), width)
    assert max(map(len, text.splitlines())) <= width
    assert "EfsVolume'scratch'" in "".join(text.replace("│", "").split())


def test_another_network_is_part_of_a_plan(session: BatchSession) -> None:
    """A network that is named costs no default VPC."""
    subnet = session.ec2.describe_subnets()["Subnets"][0]
    network = Network(vpc_id=subnet["VpcId"], subnet_ids=subnet["SubnetId"])
    group = session.security_group(name="mine", network=network)
    plan = session.plan(session.compute_environment(name="lab", network=network, security_groups=group))
    assert plan.summary == "4 to create"


def test_no_difference_shows_what_may_be_secret(session: BatchSession) -> None:
    """Neither log options nor what a state machine's steps hand to jobs, which may be variables."""
    role = session.iam_role(name="acting", trusted_service="states.amazonaws.com")
    steps = {"StartAt": "Go", "States": {"Go": {"Type": "Pass", "Result": "hunter2", "End": True}}}
    machine = session.state_machine(name="steps", definition=steps, role=role)
    definition = session.job_definition(name="convert", image="busybox", log_options={"awslogs-group": "hunter2"})
    session.ensure(machine, definition)
    changed = {"StartAt": "Go", "States": {"Go": {"Type": "Pass", "Result": "hunter3", "End": True}}}
    plan = session.plan(
        evolved(machine, definition=changed), evolved(definition, log_options={"awslogs-group": "hunter3"})
    )
    assert plan.summary.startswith("2 to update")
    assert told(plan)["~ update state machine 'steps'"] == ["definition: ••• → •••"]
    assert "hunter" not in f"{plan} {plan!r} {plan._repr_html_()} {list(plan.values())}"


NARROW = """\
plan  2 to update, 4 unchanged

~ update compute environment 'lab'
└── computeResources.minvCpus: 0 → 4
~ update job queue 'lab'
├── priority: 1 → 10
└── tags.project: reads → (none)

  to think of  1 warning

  warning: compute environment 'lab': It
  costs while nothing runs: instances of
  4 vCPUs or more, also without jobs and
  while it is disabled.
  ├── Declare min_vcpus=0, unless jobs
  │   must start within seconds.
  └── https://docs.aws.amazon.com/batch/
      latest/APIReference/API_ComputeEnv
      ironmentDetail.html\
"""


def test_a_narrow_plan_reads_as_a_wide_one(session: BatchSession) -> None:
    """In 40 columns every word is there, in the same order."""
    environment = session.compute_environment(name="lab", max_vcpus=64)
    queue = session.job_queue(name="lab", compute_environments=environment, tags={"project": "reads"})
    session.ensure(queue)
    changed = evolved(queue, compute_environments=(evolved(environment, min_vcpus=4),), priority=10, tags={})
    assert to_text(session.plan(changed)._view(), 40) == NARROW
