"""The session on a local AWS, and what importing it costs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import batchwright.local
from batchwright import Secret
from batchwright._clock import Clock
from batchwright.local import InProcessAws, LocalServer, local_session

HOME = Path(batchwright.local.__file__).parent


def test_a_local_session_works_and_ends_its_server() -> None:
    """The session reaches its own AWS in the region asked for, and closing it closes that."""
    others = _server_pids()
    with local_session("lab", region="eu-west-1", engine="scripted") as session:
        client = session.boto3_session.client("batch")
        assert client.describe_job_queues()["jobQueues"] == []
        assert (session.region, session.account_id) == ("eu-west-1", "123456789012")
        server_pids = _server_pids() - others
        assert server_pids
        credentials = session.boto3_session.get_credentials()
        assert credentials is not None
        assert credentials.secret_key not in repr(session) + repr(session.boto3_session) + repr(vars(session))
    assert not server_pids & _server_pids()


def test_a_secret_reaches_a_real_job() -> None:
    """The command of a job sees the secret's value; nothing that AWS shows of the job does."""
    with local_session("lab") as session:
        made = session.boto3_session.client("secretsmanager").create_secret(Name="token", SecretString="s3cret")
        secrets = {"TOKEN": Secret(arn=made["ARN"])}
        check = ["sh", "-c", 'printf %s "$TOKEN" | rev']
        definition = session.job_definition(name="check", image="alpine", command=check, secrets=secrets)
        job = session.batch_job(name="check", definition=definition)
        job.ensure()
        described = job.wait(timeout_s=60)
        assert str(job.logs()) == "terc3s"
        assert "s3cret" not in str(session.batch.describe_jobs(jobs=[described.job_id]))


def _server_pids() -> set[str]:
    """The servers that this process has started."""
    found = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=2) for line in found.stdout.splitlines()]
    own = str(os.getpid())
    return {pid for pid, parent, args in rows if parent == own and "batchwright.local.server" in args}


def test_a_session_clock_moves_the_aws() -> None:
    """For a session on an in-process AWS, to wait is to move the time."""
    aws = InProcessAws()
    clock: Clock = aws.session_clock()
    before = aws.clock.now()
    clock.sleep(12.5)
    clock.sleep(-1)
    assert clock.now() == clock.monotonic() == aws.clock.now() == before + 12.5
    aws.close()


def test_importing_it_loads_nothing_heavy() -> None:
    """`import batchwright.local` brings neither boto3 nor moto; both come with the first server or session."""
    script = "import sys, batchwright.local; print({'boto3', 'botocore', 'moto', 'werkzeug'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_everything_offered_can_be_had() -> None:
    """Each name of the package's list is there, and no other is made up."""
    assert all(getattr(batchwright.local, name) for name in batchwright.local.__all__)
    assert set(batchwright.local.__all__) <= set(dir(batchwright.local))
    assert not hasattr(batchwright.local, "Anything")


def test_only_one_module_imports_moto() -> None:
    """moto changes with every release, so one module knows it."""
    knowing = {path.stem for path in HOME.glob("*.py") if "moto" in _imported(ast.parse(path.read_text()))}
    assert knowing == {"neighbours"}


def _imported(tree: ast.Module) -> set[str]:
    """The top names of all that is imported, by statement or by `import_module`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            names |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return {name.partition(".")[0] for name in names}


def test_a_server_can_be_started_again() -> None:
    """After `close` the same object can be started anew, and its old address is no longer its own."""
    server = LocalServer(engine="scripted")
    with server:
        first = server.endpoint_url
    with server:
        assert server.endpoint_url != first
        assert server.status()["engine"] == "scripted"
