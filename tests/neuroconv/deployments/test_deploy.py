"""What `deploy_neuroconv_batch_job` makes, what it returns, and what is left when all has ended."""

import pickle
from typing import Any

import pytest

from batchwright import JobFailedError, WaitTimeoutError
from batchwright.neuroconv import Deployment

from .conftest import COMMAND, CONFIG, SPECIFICATION, Account, ids, job_id


def test_it_returns_both_submissions_at_once(account: Account) -> None:
    """NeuroConv's two keys hold what its own functions say of each job, and neither has ended."""
    info = account.deploy()
    assert list(info) == ["rclone_job_submission_info", "neuroconv_job_submission_info"]
    for half, name in zip(info.values(), ("sub-01_rclone_transfer", "sub-01_neuroconv_deployment"), strict=True):
        assert list(half) == ["job_submission_info", "table_submission_info"]
        assert half["job_submission_info"]["jobName"] == name
        assert half["table_submission_info"]["status"] == "Job submitted..."
        assert account.rows[half["table_submission_info"]["id"]]["job_id"] == job_id(half)
    assert not {"SUCCEEDED", "FAILED"} & {job["status"] for job in account.jobs()}


def test_the_conversion_waits_for_the_transfer_on_one_volume(account: Account) -> None:
    """Both mount the one volume at `/mnt/efs`, whose id their definitions' names carry."""
    info = account.deploy()
    transfer, conversion = ids(info)
    jobs = {job["jobId"]: job for job in account.jobs()}
    assert [each["jobId"] for each in jobs[conversion]["dependsOn"]] == [transfer]
    (volume,) = account.volumes
    for job in jobs.values():
        (mounted,) = job["container"]["volumes"]
        assert mounted["efsVolumeConfiguration"]["fileSystemId"] == volume["FileSystemId"]
        assert [point["containerPath"] for point in job["container"]["mountPoints"]] == ["/mnt/efs"]
        assert volume["FileSystemId"] in job["jobDefinition"]


def test_the_containers_are_given_their_texts_as_they_are(account: Account) -> None:
    """Each container has its own variables, the sizes are NeuroConv's, and only the transfer has the configuration."""
    account.deploy().wait()
    transfer = account.engine.environments["sub-01_rclone_transfer"]
    conversion = account.engine.environments["sub-01_neuroconv_deployment"]
    assert (transfer["RCLONE_CONFIG"], transfer["RCLONE_COMMAND"]) == (CONFIG, COMMAND)
    assert "RCLONE_CONFIG" not in conversion
    assert {name: value for name, value in conversion.items() if name.startswith("NEUROCONV_")} == {
        "NEUROCONV_YAML": SPECIFICATION,
        "NEUROCONV_DATA_PATH": "/mnt/efs/source",
        "NEUROCONV_OUTPUT_PATH": "/mnt/efs",
    }
    sizes = {
        job["jobName"]: {item["type"]: item["value"] for item in job["container"]["resourceRequirements"]}
        for job in account.jobs()
    }
    assert sizes["sub-01_rclone_transfer"] == {"VCPU": "4", "MEMORY": "4096"}
    assert sizes["sub-01_neuroconv_deployment"] == {"VCPU": "4", "MEMORY": "16384"}


def test_a_container_differs_little_from_its_definition(account: Account) -> None:
    """ECS starts none with overrides of more than 8192 characters, so a long specification is in the definition."""
    (account.folder / "specification.yml").write_text("# a long one\n" * 1200)
    sent: list[Any] = []
    submit = account.session  # every session of the account

    def noting() -> Any:  # noqa: ANN401  # a session
        session = submit()
        session.batch_once.meta.events.register(
            "before-parameter-build.batch.SubmitJob", lambda params, **_: sent.append(params)
        )
        return session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batchwright.neuroconv.deploy.session_in", lambda _: noting())
        account.deploy().wait()
    assert [len(str(params["containerOverrides"])) < 300 for params in sent] == [True, True]
    assert len(account.engine.environments["sub-01_neuroconv_deployment"]["NEUROCONV_YAML"]) == 15_600


def test_the_tear_down_is_started_before_there_is_anything_to_take_away(account: Account) -> None:
    """A caller who dies at any moment leaves nothing that is paid for."""
    account.deploy()
    calls = [call for call in account.aws.calls if call[1] in WRITES]
    assert calls[0] == ("sfn", "StartExecution")
    assert sorted(calls[1:]) == [("batch", "SubmitJob")] * 2 + [("efs", "CreateFileSystem"), ("ssm", "PutParameter")]


WRITES = ("StartExecution", "CreateFileSystem", "PutParameter", "CreateSecret", "SubmitJob")


@pytest.mark.parametrize(
    ("failing", "ends"),
    [
        ("", ["SUCCEEDED", "SUCCEEDED"]),
        ("sub-01_rclone_transfer", ["FAILED", "FAILED"]),
        ("sub-01_neuroconv_deployment", ["SUCCEEDED", "FAILED"]),
    ],
)
def test_all_of_it_goes_by_itself(account: Account, failing: str, ends: list[str]) -> None:
    """With nobody on line, whichever job failed: the volume and the secret are gone, the rows are kept."""
    account.engine.failing = {failing}
    info = account.deploy()
    assert (len(account.volumes), len(account.parameters)) == (1, 1)
    account.until(lambda: account.executions[0]["status"] != "RUNNING")
    assert (account.executions[0]["status"], account.volumes, account.parameters) == ("SUCCEEDED", [], [])
    assert {row["job_id"] for row in account.rows.values()} == set(ids(info))
    status = {job["jobId"]: job["status"] for job in account.jobs()}
    assert [status[job_id] for job_id in ids(info)] == ends


def test_waiting_gives_the_deployment(account: Account) -> None:
    """It returns itself when both have succeeded, also where it was pickled, and then waits for the tear-down."""
    info: Deployment = pickle.loads(pickle.dumps(account.deploy()))
    assert info.wait() is info
    assert {job["status"] for job in account.jobs()} == {"SUCCEEDED"}
    gone = info.wait_for_teardown()
    assert gone is not None
    assert (gone.status, account.volumes, account.parameters) == ("SUCCEEDED", [], [])


@pytest.mark.parametrize("failing", ["sub-01_rclone_transfer", "sub-01_neuroconv_deployment"])
def test_waiting_for_a_failure_raises_it(account: Account, failing: str) -> None:
    """The job that failed first is the one that is named."""
    account.engine.failing = {failing}
    with pytest.raises(JobFailedError, match=failing) as caught:
        account.deploy().wait()
    assert caught.value.exit_code == 3


def test_waiting_has_an_end(account: Account) -> None:
    """The time is that for both jobs together."""
    info = account.deploy()
    began = account.aws.clock.now()
    with pytest.raises(WaitTimeoutError):
        info.wait(timeout_s=5400)
    assert account.aws.clock.now() - began < 5500


def test_a_large_configuration_goes_to_secrets_manager(account: Account) -> None:
    """SSM takes 4 KiB; what is longer is kept and taken away all the same."""
    config = CONFIG + "# " + "x" * 5000
    (account.folder / "rclone.conf").write_text(config)
    info = account.deploy()
    assert (len(account.secrets), account.parameters) == (1, [])
    info.wait()
    assert account.engine.environments["sub-01_rclone_transfer"]["RCLONE_CONFIG"] == config
    info.wait_for_teardown()
    assert account.secrets == []


def test_an_empty_configuration_is_no_secret(account: Account) -> None:
    """Where the command says all, there is nothing to hide, and the volume goes all the same."""
    (account.folder / "rclone.conf").write_text("")
    info = account.deploy().wait()
    assert (account.parameters, account.secrets) == ([], [])
    assert "RCLONE_CONFIG" not in account.engine.environments["sub-01_rclone_transfer"]
    info.wait_for_teardown()
    assert account.volumes == []


def test_a_key_for_the_upload_is_given_as_a_secret(account: Account) -> None:
    """The conversion's container gets what is named by its ARN, which is nobody's to take away."""
    arn = account.client("secretsmanager").create_secret(Name="lab/dandi", SecretString="key-of-dandi")["ARN"]
    info = account.deploy(neuroconv_secrets={"DANDI_API_KEY": arn}).wait()
    assert account.engine.environments["sub-01_neuroconv_deployment"]["DANDI_API_KEY"] == "key-of-dandi"
    info.wait_for_teardown()
    assert [secret["Name"] for secret in account.secrets] == ["lab/dandi"]


def test_a_volume_without_a_name_gets_one(account: Account) -> None:
    """An empty name begins as NeuroConv's does, and the same call finds it again."""
    first, again = account.deploy(efs_volume_name=""), account.deploy(efs_volume_name="")
    (volume,) = account.volumes
    assert volume["Name"].startswith("neuroconv_batch_efs_volume_")
    assert ids(first) == ids(again)
