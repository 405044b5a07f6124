"""What a user meets first: tests that just work, and a plugin that is not felt where it is not used."""

import pytest

from .conftest import Run

FIRST = """
    import pytest
    from batchwright import BatchSession, JobFailedError
    from batchwright.testing import BatchAws, JobScript


    def convert(session: BatchSession, subject: str) -> str:
        job = session.submit(f"convert-{subject}", image="lab/convert:2", command=["convert", subject])
        return job.wait().status


    def test_it_succeeds(batch_session: BatchSession) -> None:
        assert convert(batch_session, "01") == "SUCCEEDED"


    def test_it_starts_empty(batch_session: BatchSession) -> None:
        assert not batch_session.inventory()


    def test_it_fails(batch_session: BatchSession, batch_aws: BatchAws) -> None:
        batch_aws.script("convert-*", JobScript(exit_code=3, log="no such subject"))
        with pytest.raises(JobFailedError, match="no such subject"):
            convert(batch_session, "01")
"""


def test_the_first_tests_of_a_newcomer_pass(run: Run) -> None:
    """Fixtures are there without any set-up, accounts are empty, and the days that jobs take take no time."""
    run(FIRST).assert_outcomes(passed=3)


def test_workers_of_xdist_have_accounts_of_their_own(run: Run) -> None:
    """Tests that run at the same time do not see each other's jobs, within the process or in servers."""
    text = """
        import pytest
        from batchwright import BatchSession

        def one_job(session: BatchSession, turn: int) -> None:
            assert not session.inventory()
            job = session.submit("mine", image="busybox", command=["echo", f"turn {turn}"])
            job.wait()
            assert f"turn {turn}" in str(job.logs())

        @pytest.mark.parametrize("turn", range(4))
        def test_here(batch_session: BatchSession, turn: int) -> None:
            one_job(batch_session, turn)

        @pytest.mark.batchwright(engine="process")
        @pytest.mark.parametrize("turn", range(4))
        def test_served(batch_session: BatchSession, turn: int) -> None:
            one_job(batch_session, turn)
    """
    run(text, "-n", "2").assert_outcomes(passed=8)


def test_a_project_that_uses_none_of_it_feels_nothing(run: Run) -> None:
    """The plugin is there, and has imported neither boto3 nor moto nor the rest of batchwright."""
    text = """
        import sys

        def test_what_is_loaded(pytestconfig):
            assert pytestconfig.pluginmanager.has_plugin("batchwright")
            heavy = {"attrs", "boto3", "botocore", "cattrs", "docker", "moto", "rich"}
            assert heavy.isdisjoint(sys.modules)
            ours = {name for name in sys.modules if name.partition(".")[0] == "batchwright"}
            assert ours == {"batchwright", "batchwright.testing", "batchwright.testing.plugin"}
    """
    run(text).assert_outcomes(passed=1)


def test_it_can_be_left_out(run: Run) -> None:
    """`-p no:batchwright` takes the fixtures away."""
    told = run(FIRST, "-p", "no:batchwright", "-k", "succeeds")
    told.assert_outcomes(errors=1)
    told.stdout.fnmatch_lines(["*fixture 'batch_session' not found*"])


def test_the_marker_and_the_fixtures_are_told(run: Run) -> None:
    """`--markers` and `--fixtures` name them, and strict markers admit the marker."""
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.batchwright(engine, delays, faults, jobs, namespace, *"])
    told = run("", "--fixtures")
    for name in ("batch_session", "batch_aws", "batch_environment", "batch_settings"):
        told.stdout.fnmatch_lines([f"{name} -- *"])


def test_a_missing_extra_is_named(run: Run, pytester: pytest.Pytester) -> None:
    """Where the local AWS's own needs are not installed, the test says what to install."""
    pytester.makeconftest("import sys\nsys.modules['moto'] = None\n")
    told = run(FIRST, "-k", "succeeds")
    told.assert_outcomes(errors=1)
    told.stdout.fnmatch_lines(["*fixtures lack what they need:*moto*", "*pip install 'batchwright?local?'"])
