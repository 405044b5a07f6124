"""Accounts that are processes of their own, where commands really run."""

import pytest

from ..containers.images import busybox_image
from .conftest import Run

WHOLE = """
    import os
    import subprocess
    import sys
    import time

    import boto3
    import pytest
    from batchwright import BatchSession
    from batchwright.errors import ConfigurationError
    from batchwright.local import Fault
    from batchwright.testing import BatchAws

    pytestmark = pytest.mark.batchwright(engine="process")
    SEEN = []

    def test_a_command_runs(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        SEEN.append((batch_aws.server, os.getpid()))
        batch_session.submit("hello", image="busybox", command=["sleep", "600"])
        job = batch_session.submit("echo", image="busybox", command=["echo", "really"])
        job.wait()
        assert str(job.logs()) == "really"

    @pytest.mark.batchwright(faults=[Fault.delay(0.1, operation="batch:SubmitJob")])
    def test_faults(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        assert batch_aws.server is SEEN[0][0]
        assert batch_aws.server.status()["jobs"] == {}
        batch_session.submit("hello", image="busybox", command=["true"]).wait()
        assert [count.acted for count in batch_aws.fault_counts()] == [1]
        batch_aws.advance(3600)
        assert batch_aws.now() > time.time() + 3000

    def test_nothing_is_left_of_the_test_before(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        assert batch_aws.fault_counts() == ()
        assert abs(batch_aws.now() - time.time()) < 5
        assert not batch_session.inventory()

    def test_what_needs_the_engine_scripted_says_so(batch_aws: BatchAws) -> None:
        for ask in (lambda: batch_aws.script("a"), lambda: batch_aws.calls):
            with pytest.raises(ConfigurationError, match="engine='scripted'"):
                ask()

    def test_programs_are_led_here(batch_environment, batch_aws: BatchAws) -> None:
        program = "import boto3; print(boto3.client('batch').describe_job_queues()['jobQueues'][0]['jobQueueName'])"
        batch_aws.session("other").job_queue(name="seen").ensure()
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == "seen"
        assert boto3.client("batch").meta.endpoint_url == batch_environment["AWS_ENDPOINT_URL"]

    def test_a_server_that_ends(batch_aws: BatchAws) -> None:
        batch_aws.server.close()

    def test_the_next_one_has_another(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        assert batch_aws.server is not SEEN[0][0]
        batch_session.submit("hello", image="busybox", command=["true"]).wait()
"""


def test_one_server_for_all_tests_that_is_empty_for_each(run: Run) -> None:
    """Jobs, faults and time are gone with the test; a server that ended fails its own test only."""
    told = run(WHOLE)
    told.assert_outcomes(passed=7, errors=1)
    told.stdout.fnmatch_lines(["ERROR test_pipeline.py::test_a_server_that_ends - *LocalServerError*"])


IN_CONTAINERS = """
    from batchwright import BatchSession
    from batchwright.testing import BatchAws

    def test_a_container_of_the_image(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        job = batch_session.submit("hello", image="{image}", command=["sh", "-c", "ls -d /bin/busybox"])
        job.wait()
        assert batch_aws.settings.engine == batch_aws.server.engine == "docker"
        assert "/bin/busybox" in str(job.logs())
        batch_session.submit("left", image="{image}", command=["sleep", "600"])

    def test_nothing_is_left(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        assert not batch_session.inventory()
        assert batch_aws.server.status()["jobs"] == {{}}
"""


@pytest.mark.docker
def test_all_tests_run_in_containers_where_the_command_line_says_so(run: Run) -> None:
    """The same fixtures, with images."""
    import docker

    client = docker.from_env()
    try:
        image = busybox_image(client)
    finally:
        client.close()
    run(IN_CONTAINERS.format(image=image), "--batchwright-engine=docker").assert_outcomes(passed=2)
