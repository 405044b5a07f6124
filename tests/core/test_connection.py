"""One identity in one region: clients made when needed, nothing global, nothing secret."""

import pickle
import threading

import boto3
import pytest

from batchwright import BatchSession, SubmissionPolicy
from batchwright.errors import ConfigurationError, DeclarationError, NoCredentialsError, NoRegionError
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A machine on which nothing of AWS is configured."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/credentials")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("bare")
def test_no_region_is_said_with_the_way_out() -> None:
    """Nothing is guessed."""
    session = BatchSession("lab")
    for use in (lambda: session.region, lambda: session.batch):
        with pytest.raises(NoRegionError, match=r"No AWS region|no AWS region") as caught:
            use()
        assert "BatchSession" in str(caught.value)


@pytest.mark.usefixtures("bare")
def test_no_credentials_are_said_with_the_way_out() -> None:
    """The error names the ways to get some, and the local session."""
    with (
        BatchSession("lab", region="us-east-2") as session,
        pytest.raises(NoCredentialsError, match=r"aws configure(.|\n)*local_session"),
    ):
        _ = session.account_id


@pytest.mark.usefixtures("bare")
def test_an_unknown_profile_and_an_illegal_region() -> None:
    """botocore's own errors do not get through."""
    with pytest.raises(NoCredentialsError, match="no-such-profile"):
        _ = BatchSession("lab", profile="no-such-profile").batch
    with pytest.raises(ConfigurationError, match="us east"):
        _ = BatchSession("lab", region="us east").batch


@pytest.mark.usefixtures("bare")
def test_the_region_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's own chain says, where the argument does not."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert BatchSession("lab").region == "eu-west-1"
    assert BatchSession("lab", region="us-east-2").region == "us-east-2"


def test_clients_are_made_once_by_however_many_threads() -> None:
    """They are shared, and every service has its own."""
    found: list[object] = []
    with BatchSession("lab", region="us-east-2") as session:
        threads = [threading.Thread(target=lambda: found.append(session.batch)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(found) == 8
        assert len(set(map(id, found))) == 1
        services = (session.iam, session.ec2, session.efs, session.dynamodb, session.logs, session.sts)
        assert len({client.meta.service_model.service_name for client in services}) == 6


def test_submissions_are_sent_once() -> None:
    """botocore never repeats SubmitJob; everything else it may repeat."""
    with BatchSession("lab", region="us-east-2") as session:
        assert session.batch_once.meta.config.retries["total_max_attempts"] == 1
        assert session.batch.meta.config.retries["total_max_attempts"] > 1


def test_the_callers_identity_is_asked_once(aws: InProcessAws) -> None:
    """Account, partition and caller come from one answer."""
    with BatchSession("lab", boto3_session=aws.boto3_session()) as session:
        assert (session.account_id, session.partition) == ("123456789012", "aws")
        assert session.caller.startswith("arn:aws:")
        assert aws.calls == [("sts", "GetCallerIdentity")]


@pytest.mark.parametrize(
    ("arn", "caller"),
    [
        ("arn:aws:iam::1:user/ada", "arn:aws:iam::1:user/ada"),
        ("arn:aws:sts::1:assumed-role/lab/ada@x", "arn:aws:sts::1:assumed-role/lab"),
        ("arn:aws-cn:iam::1:user/a%b", "arn:aws-cn:iam::1:user/a_b"),
    ],
)
def test_the_caller_as_a_tag(arn: str, caller: str) -> None:
    """The name of a role's session is left out, what a tag does not take is replaced."""
    session = BatchSession("lab", region="us-east-2")
    session._caller = {"Account": "1", "Arn": arn}
    assert session.caller == caller
    assert session.partition == arn.split(":")[1]


def test_a_session_is_pickled_without_its_clients_and_caller() -> None:
    """Another process makes its own, and asks who it is itself."""
    clock = FakeClock(5.0)
    with BatchSession("lab", region="us-east-2", tags={"a": "1"}, submission=SubmissionPolicy(claim_s=5)) as session:
        _ = session.batch, session.defaults.tracker
        session._caller = {"Account": "1", "Arn": "arn:aws:iam::1:user/ada"}
        again = pickle.loads(pickle.dumps(session))
    assert again == session
    assert hash(again) == hash(session)
    assert (again.tags, again.submission, again._clients, again._caller) == ({"a": "1"}, session.submission, {}, {})
    assert again.defaults.tracker == session.defaults.tracker
    assert pickle.loads(pickle.dumps(BatchSession("lab", region="x", clock=clock))).clock.now() == 5.0


def test_a_live_boto3_session_is_not_pickled() -> None:
    """It says so, and what to do instead."""
    session = BatchSession("lab", boto3_session=boto3.Session(region_name="us-east-2"))
    with pytest.raises(TypeError, match="give BatchSession a profile"):
        pickle.dumps(session)


@pytest.mark.parametrize("namespace", ["", "a b", "-a", "a" * 33, "a/b"])
def test_an_illegal_namespace_is_refused(namespace: str) -> None:
    """It stands in names and paths."""
    with pytest.raises(DeclarationError, match=r"namespace=.*1 to \d+ letters"):
        BatchSession(namespace)


def test_sessions_are_equal_by_where_they_speak() -> None:
    """Namespace, region, profile, endpoint and boto3 session."""
    one = BatchSession("lab", region="us-east-2")
    assert one == BatchSession("lab", region="us-east-2")
    for other in (
        BatchSession("other", region="us-east-2"),
        BatchSession("lab", region="us-east-1"),
        BatchSession("lab", region="us-east-2", profile="x"),
        BatchSession("lab", region="us-east-2", endpoint_url="http://localhost"),
    ):
        assert one != other
    assert one != "lab"


def test_closing_runs_what_was_left_to_it_once_and_the_last_first() -> None:
    """And the session can be used again: clients are made anew."""
    done: list[str] = []
    session = BatchSession("lab", region="us-east-2")
    before = session.batch
    session.on_close(lambda: done.append("first"))
    session.on_close(lambda: done.append("second"))
    session.close()
    session.close()
    assert done == ["second", "first"]
    assert session.batch is not before
    session.close()


def test_nothing_secret_is_printed() -> None:
    """Neither keys nor profile's contents."""
    live = boto3.Session(aws_access_key_id="AKIAX", aws_secret_access_key="hunter2", region_name="us-east-2")
    session = BatchSession("lab", boto3_session=live)
    assert "hunter2" not in f"{session!r} {session}"
    assert repr(BatchSession("lab", region="us-east-2")) == "BatchSession('lab', region='us-east-2')"
