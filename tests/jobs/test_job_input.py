"""What AWS would refuse in a job is refused before any call, by field, value and legal range."""

from typing import Any, cast

import pytest

from batchwright import BatchSession, DeclarationError, Mount, RetryPolicy
from batchwright.declaration import Declaration
from batchwright.errors import AmbiguousNameError
from batchwright.local.in_process import InProcessAws

from .conftest import Lab

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, r"job '': name='' .*1 to 128 letters"),
    ({"name": "-x"}, "name='-x'.*the first one a letter or a digit"),
    ({"name": "x" * 129}, "1 to 128 letters"),
    ({"array_size": 1}, "job 'sub-01': array_size=1 .*2 to 10000 children"),
    ({"array_size": 10_001}, "array_size=10001 .*2 to 10000 children"),
    ({"depends_on": [f"id-{n}" for n in range(21)]}, "depends_on='21 jobs' .*at most 20 dependencies"),
    ({"depends_on": [{"jobId": "a", "kind": "N_TO_N"}]}, "depends_on={'jobId': 'a', 'kind': 'N_TO_N'}.*jobId and type"),
    ({"depends_on": [{"jobId": "a", "type": "AFTER"}]}, "depends_on=.*'AFTER'.*N_TO_N"),
    ({"depends_on": [{"type": "N_TO_N"}]}, "depends_on=.*SEQUENTIAL may go without jobId"),
    ({"depends_on": [{"jobId": 7}]}, "depends_on={'jobId': 7}.*jobs, job ids, or mappings"),
    ({"depends_on": [""]}, "depends_on=''.*jobs, job ids"),
    ({"depends_on": [{"jobId": "a", "type": "N_TO_N"}]}, "depends_on=.*N_TO_N.*only for a job with array_size"),
    ({"depends_on": [{"type": "SEQUENTIAL"}]}, "depends_on=.*SEQUENTIAL.*only for a job with array_size"),
    ({"timeout_s": 59}, "timeout_s=59 .*60 to 2147483647 seconds"),
    ({"tags": {f"key{n}": "x" for n in range(41)}}, "tags='41 tags' .*at most 40 tags"),
    ({"tags": {"aws:project": "x"}}, "tags='aws:project'.*not starting with aws:"),
    ({"environment": {"AWS_BATCH_JOB_ID": "x"}}, "environment='AWS_BATCH_JOB_ID'.*do not start with AWS_BATCH"),
    ({"environment": {"BATCHWRIGHT_SUBMISSION_ID": "x"}}, "environment='BATCHWRIGHT_SUBMISSION_ID'.*sets it itself"),
    ({"environment": {"SUBJECT": 1}}, "environment='SUBJECT'.*strings as values"),
    ({"environment": {"SUBJECT": "x" * 31_000}}, "request='.* bytes' .*at most 30720 bytes"),
    ({"command": ["x" * 31_000]}, "at most 30720 bytes"),
    ({"command": ["convert", 1]}, "command=1 .*strings only"),
    ({"command": "convert sub-01"}, r"command='convert sub-01' .*shlex\.split"),
    ({"memory_gib": 1}, "job 'sub-01': memory_gib=1 .*2 to 8 GiB in steps of 1 with 1 vCPU on Fargate"),
    ({"vcpus": 3}, "job 'sub-01': vcpus=3 .*0.25, 0.5, 1, 2, 4, 8, 16 or 32 on Fargate"),
    ({"gpus": 1}, "gpus=1 .*Fargate, which has no GPUs"),
    ({"run": 0}, "run=0 .*1 to"),
    ({"run": -1}, "run=-1 .*1 to"),
    ({"run": 2, "submission_id": "mine"}, "run=2 .*where submission_id says"),
    ({"submission_id": ""}, "submission_id='' .*1 to 1024 characters"),
    ({"submission_id": "x" * 1025}, "1 to 1024 characters"),
    ({"share_identifier": ""}, "share_identifier='' .*1 to 255 characters"),
    ({"retry": 3}, r"retry=3 .*RetryPolicy\(attempts=3\)"),
    ({"retry": RetryPolicy(on_exit={"onReason": "*"})}, "retry='' .*the action 'RETRY' or 'EXIT'"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_bad_input_is_refused_before_any_call(bare: Lab, fields: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what is legal."""
    with pytest.raises(DeclarationError, match=message):
        bare.job(**fields)


def test_values_of_variables_are_in_no_refusal(bare: Lab) -> None:
    """What is refused because of a variable does not repeat its value."""
    with pytest.raises(DeclarationError) as caught:
        bare.job(environment={"TOKEN": "hunter2", "AWS_BATCH_X": "hunter2", "LONG": "hunter2" * 9_000})
    assert "hunter2" not in str(caught.value)


def test_tags_of_the_session_count(aws: InProcessAws) -> None:
    """30 of the session's and 30 of the job's are more than AWS takes."""
    session = BatchSession("test", region="us-east-2", tags={f"s{n}": "x" for n in range(30)})
    with pytest.raises(DeclarationError, match=r"'60 tags'.*the session's included"):
        session.job_definition(name="convert", image="busybox", tags={f"t{n}": "x" for n in range(30)})
    assert aws.calls == []


def test_arrays_that_wait_for_each_other_have_one_size(bare: Lab) -> None:
    """N_TO_N between a declared array of 3 and one of 4 is refused."""
    first = bare.job("first", array_size=3)
    with pytest.raises(DeclarationError, match=r"arrays of one size, not of 4 and 3"):
        bare.job("second", array_size=4, depends_on={"jobId": first, "type": "N_TO_N"})


def test_a_queue_with_a_policy_needs_a_share(bare: Lab) -> None:
    """AWS would refuse the job, so the declaration is."""
    policy = bare.session.scheduling_policy(name="fair")
    queue = bare.session.job_queue(name="shared", compute_environments=bare.environment, scheduling_policy=policy)
    with pytest.raises(DeclarationError, match=r"share_identifier=None .*'shared' has a scheduling policy"):
        bare.job(queue=queue)


def test_a_dependency_of_another_session_is_refused(bare: Lab) -> None:
    """As a job, and as the job in a mapping; the error names both sessions."""
    foreign = Lab(BatchSession("other", region="us-east-2")).job("first")
    for depends_on in (foreign, {"jobId": foreign}):
        with pytest.raises(DeclarationError, match=r"<BatchJob 'first'>.*'other'"):
            bare.job("second", depends_on=depends_on)


def test_a_request_that_tags_make_too_long_is_refused(session: BatchSession, lab: Lab, aws: InProcessAws) -> None:
    """Names of the account count too, so this shows when they are known, before anything is claimed."""
    session.ensure(lab.queue, lab.definition(), lab.tracker)
    ids = [f"0f0e0d0c-0000-4000-8000-{n:012}" for n in range(20)]
    job = lab.job(environment={"LONG": "x" * 29_500}, depends_on=ids)
    with pytest.raises(DeclarationError, match=r"request='.* bytes'"):
        job.ensure()
    assert not [call for call in aws.calls if call[1] in ("PutItem", "SubmitJob")]


@pytest.mark.parametrize("reason", ["", "x" * 1025, None])
def test_an_illegal_reason_is_refused_once(session: BatchSession, lab: Lab, aws: InProcessAws, reason: object) -> None:
    """By a job's verbs and, for many jobs, as one error and no group."""
    jobs = [lab.job("one"), lab.job("two")]
    for act in (jobs[0].cancel, jobs[0].terminate):
        with pytest.raises(DeclarationError, match=r"job 'one': reason=.*1 to 1024 characters"):
            act(reason=cast("Any", reason))
    for act in (session.cancel, session.terminate):
        with pytest.raises(DeclarationError, match=r"2 jobs: reason=.*1 to 1024 characters"):
            act(jobs, reason=cast("Any", reason))
    assert aws.calls == []


SUBMITS: list[tuple[dict[str, Any], str]] = [
    ({"name": "a b"}, "name='a b'"),
    ({"command": "true"}, "command='true' .*a list of words"),
    ({"environment": {"N": 1}}, "environment='N'"),
    ({"platform": "LAMBDA"}, "platform='LAMBDA' .*'EC2', 'FARGATE'"),
    ({"platform": "FARGATE", "vcpus": 4, "memory_gib": 4}, "memory_gib=4 .*8 to 30 GiB in steps of 1 with 4 vCPU"),
    ({"vcpus": 0.5}, "vcpus=0.5 .*a whole number of 1 or more on EC2"),
    ({"volumes": {"mnt": "scratch"}}, "volumes='mnt' .*absolute paths"),
    ({"volumes": {"/mnt": 7}}, "volumes\\['/mnt'\\]=7 .*an EfsVolume, or a Mount"),
    ({"image": "a b"}, "image='a b'"),
    ({"array_size": 1}, "array_size=1"),
    ({"submission_id": ""}, "submission_id=''"),
]


@pytest.mark.parametrize(("fields", "message"), SUBMITS)
def test_submit_refuses_bad_input_before_any_call(
    session: BatchSession, aws: InProcessAws, fields: dict[str, Any], message: str
) -> None:
    """The one call checks everything first."""
    said: Any = {"name": "sub-01", "image": "busybox:1.36", **fields}
    with pytest.raises(DeclarationError, match=message):
        session.submit(**said)
    assert aws.calls == []


@pytest.mark.parametrize("namespace", ["", "a b", "x" * 25])
def test_an_illegal_namespace_is_refused(namespace: str) -> None:
    """It is part of names, so it follows their rules, and is short."""
    with pytest.raises(DeclarationError, match=r"namespace=.*1 to 24 letters"):
        BatchSession(namespace)


@pytest.mark.parametrize("region", ["ap-southeast-2", "ap-northeast-1", "us-gov-east-1", "eu-central-1"])
def test_the_longest_namespace_makes_legal_names_everywhere(region: str) -> None:
    """Every default, the roles with their 64 characters included, can be declared."""
    session = BatchSession("n" * 24, region=region)
    defaults = session.defaults
    names = [value.name for name in dir(defaults) if isinstance(value := getattr(defaults, name), Declaration)]
    assert len(names) >= 9
    assert max(map(len, (defaults.job_role.name, defaults.execution_role.name, defaults.instance_role.name))) <= 64


def test_two_volumes_of_one_name_are_told_apart_by_the_user(session: BatchSession) -> None:
    """The error names both and how to choose."""
    for token in ("one", "two"):
        session.efs.create_file_system(CreationToken=token, Tags=[{"Key": "Name", "Value": "scratch"}])
    with pytest.raises(AmbiguousNameError, match=r"'scratch'.*fs-.*fs-"):
        session.efs_volume(name="scratch").ensure()


def test_a_mount_is_a_volume_too(session: BatchSession) -> None:
    """`submit` takes a Mount where it takes a volume."""
    mount = Mount(session.efs_volume(name="scratch"), read_only=True)
    job = session.submit("sub-01", image="busybox:1.36", volumes={"/mnt/efs": cast("Any", mount)})
    container = cast("Any", session.batch.describe_job_definitions(jobDefinitions=[job.describe().definition_arn]))
    assert container["jobDefinitions"][0]["containerProperties"]["mountPoints"][0]["readOnly"] is True
