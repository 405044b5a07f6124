"""NeuroConv's functions on an AWS whose time the tests move: jobs run nothing, and end as the test says."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from batchwright import BatchSession
from batchwright.local.engines import LogSink, Run, ScriptedEngine
from batchwright.local.in_process import InProcessAws
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.neuroconv import Deployment, deploy_neuroconv_batch_job

START = 1_700_000_000.0
CONFIG = "[drive]\ntype = drive\ntoken = kept-t0-ourselves-%s-\\n\n"
SECRET = "kept-t0-ourselves"
SPECIFICATION = "metadata:\n  lab: 100% \\ ours\n"
COMMAND = "rclone copy drive:recordings /mnt/efs/source"
DAY_S = 86_400.0


class EndingAsSaid(ScriptedEngine):
    """Jobs last an hour; those of some names fail."""

    def __init__(self, clock: ServerClock) -> None:
        super().__init__(clock)
        self.failing: set[str] = set()
        self.environments: dict[str, dict[str, str]] = {}

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Note what the container is given."""
        self.environments[job.name] = dict(environment)
        script = {
            "BATCHWRIGHT_SCRIPT_SECONDS": "3600",
            "BATCHWRIGHT_SCRIPT_EXIT": "3" if job.name in self.failing else "0",
        }
        return super().start(job, attempt_no, {**environment, **script}, log)


@attrs.frozen
class Account:
    """The account, and the caller's files."""

    aws: InProcessAws
    engine: EndingAsSaid
    folder: Path

    @property
    def files(self) -> dict[str, Any]:
        """The caller's configuration and specification."""
        return {
            "rclone_config_file_path": self.folder / "rclone.conf",
            "yaml_specification_file_path": self.folder / "specification.yml",
        }

    def deploy(self, **arguments: Any) -> Deployment:  # noqa: ANN401  # as the function has them
        """Deploy with what is usual, unless it is said otherwise."""
        usual = {"rclone_command": COMMAND, "job_name": "sub-01", "efs_volume_name": "sub-01", **self.files}
        return deploy_neuroconv_batch_job(**{**usual, **arguments})

    def client(self, service: str) -> Any:  # noqa: ANN401  # boto3's clients
        """A client of the account."""
        return self.aws.boto3_session("us-east-2").client(service)  # type: ignore[call-overload]  # any service

    def session(self) -> BatchSession:
        """A session that says what a caller without NeuroConv would see."""
        return BatchSession("neuroconv", boto3_session=self.aws.boto3_session(), clock=self.aws.session_clock())

    def until(self, is_so: Callable[[], bool], most_s: float = 2 * DAY_S) -> None:
        """Let time go by, with nobody on line, until something is so."""
        end = self.aws.clock.now() + most_s
        while not is_so():
            assert self.aws.clock.now() < end
            self.aws.advance(240)

    @property
    def volumes(self) -> list[Any]:
        """Every file system."""
        return list(self.client("efs").describe_file_systems()["FileSystems"])

    @property
    def parameters(self) -> list[Any]:
        """Every parameter of SSM."""
        return list(self.client("ssm").describe_parameters()["Parameters"])

    @property
    def secrets(self) -> list[Any]:
        """Every secret of Secrets Manager that is not to be deleted."""
        return list(self.client("secretsmanager").list_secrets()["SecretList"])

    @property
    def rows(self) -> dict[str, Any]:
        """The rows of the tracker's table, by id."""
        items = self.client("dynamodb").scan(TableName="neuroconv_batch_status_tracker")["Items"]
        return {item["id"]["S"]: {key: next(iter(value.values())) for key, value in item.items()} for item in items}

    def jobs(self) -> list[Any]:
        """Every submitted job, with all that DescribeJobs says, once AWS shows them all."""
        self.aws.advance(30)
        ids = [row["job_id"] for row in self.rows.values() if row["job_id"]]
        return list(self.client("batch").describe_jobs(jobs=ids)["jobs"])

    @property
    def executions(self) -> list[Any]:
        """Every execution of the namespace's tear-downs, the newest first."""
        states = self.client("stepfunctions")
        machines = states.list_state_machines()["stateMachines"]
        found = [states.list_executions(stateMachineArn=each["stateMachineArn"])["executions"] for each in machines]
        return [execution for executions in found for execution in executions]


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account, to which the functions' own sessions go; the served one of the other tests is not needed."""
    clock = ServerClock(frozen_at=START)
    engine = EndingAsSaid(clock)
    aws = InProcessAws(engine=engine, clock=clock)
    (tmp_path / "rclone.conf").write_text(CONFIG)
    (tmp_path / "specification.yml").write_text(SPECIFICATION)
    account = Account(aws, engine, tmp_path)
    for module in ("deploy", "transfer", "deployment"):
        monkeypatch.setattr(f"batchwright.neuroconv.{module}.session_in", lambda _: account.session())
    yield account
    aws.close()


def job_id(info: Any) -> str:  # noqa: ANN401  # one half of a deployment
    """AWS's id of a submitted job."""
    return str(info["job_submission_info"]["jobId"])


def ids(info: Deployment) -> list[str]:
    """AWS's ids of both jobs."""
    return [job_id(info["rclone_job_submission_info"]), job_id(info["neuroconv_job_submission_info"])]
