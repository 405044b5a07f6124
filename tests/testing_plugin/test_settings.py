"""Where settings come from, which of them count, and what bad ones get."""

import pytest

from batchwright import BatchSession
from batchwright.errors import ConfigurationError, DeclarationError
from batchwright.local import Delays, Fault
from batchwright.testing import BatchSettings, JobScript
from batchwright.testing.settings import changed, delays_of

from .conftest import Run

LEVELS = """
    import pytest
    from batchwright.testing import BatchSettings

    pytestmark = pytest.mark.batchwright(region="eu-west-1", namespace="module")

    @pytest.fixture
    def batch_settings(batch_settings):
        assert batch_settings.engine == "process"  # from the command line
        return BatchSettings(namespace="own", region="ap-south-1", delays="none")

    @pytest.mark.batchwright(namespace="class")
    class TestSettings:
        @pytest.mark.batchwright(namespace="test")
        def test_test(self, batch_aws):
            assert (batch_aws.settings.namespace, batch_aws.settings.region) == ("test", "eu-west-1")
            assert batch_aws.settings.delays == "none"

        def test_class(self, batch_session, batch_aws):
            assert batch_session.namespace == "class"
            assert batch_session.batch.meta.region_name == "eu-west-1"
            assert batch_aws.session(region="us-west-2").batch.meta.region_name == "us-west-2"
"""


def test_what_stands_closest_to_the_test_counts(run: Run) -> None:
    """Test, class and module, then the fixture, then the command line."""
    run(LEVELS, "--batchwright-engine=process").assert_outcomes(passed=2)


def test_the_engine_of_all_tests_comes_from_the_configuration(run: Run, pytester: pytest.Pytester) -> None:
    """The ini option is the default, and the command line is stronger."""
    text = "def test_engine(batch_settings, request):\n    assert batch_settings.engine == '{}'"
    pytester.makeini("[pytest]\nbatchwright_engine = docker\n")
    run(text.format("docker")).assert_outcomes(passed=1)
    run(text.format("auto"), "--batchwright-engine", "auto").assert_outcomes(passed=1)


def test_a_bad_engine_in_the_configuration_stops_the_run(run: Run, pytester: pytest.Pytester) -> None:
    """Nothing runs, and one line says what is legal."""
    pytester.makeini("[pytest]\nbatchwright_engine = dokcer\n")
    told = run("def test_nothing(): pass")
    assert told.ret == pytest.ExitCode.USAGE_ERROR
    told.stderr.fnmatch_lines(["ERROR: batchwright_engine = dokcer is not one of scripted, process, docker, auto"])


BAD = """
    import pytest

    @pytest.mark.batchwright(engin="process")
    def test_no_such_setting(batch_session): raise SystemExit

    @pytest.mark.batchwright("process")
    def test_no_name(batch_session): raise SystemExit

    @pytest.mark.batchwright(engine="proces")
    def test_no_such_engine(batch_session): raise SystemExit

    @pytest.mark.batchwright(delays="short")
    def test_no_such_delays(batch_session): raise SystemExit
"""


def test_a_bad_marker_says_what_to_do(run: Run) -> None:
    """The test fails with a line that says what is legal, and no traceback."""
    told = run(BAD, "-rN")
    told.assert_outcomes(errors=4)
    told.stdout.fnmatch_lines(
        [
            "*mark.batchwright of test_*no setting 'engin'. Did you mean 'engine'?",
            "*takes keywords only, such as engine='process'",
            "*engine='proces' is not legal: one of scripted, process, docker, auto.",
            "*delays='short' is not legal: one of none, brief, realistic, or Delays(...).",
        ]
    )
    told.stdout.no_fnmatch_line("*Traceback*")
    told.stdout.no_fnmatch_line("*During handling*")


def test_settings_take_one_or_several() -> None:
    """One fault or a list, one script or one for each attempt; both are the same value afterwards."""
    fault = Fault.delay(1.0)
    assert BatchSettings(faults=fault) == BatchSettings(faults=[fault])
    one = BatchSettings(jobs={"a": JobScript(exit_code=1)})
    assert one == BatchSettings(jobs={"a": [JobScript(exit_code=1)]})
    assert hash(one) == hash(BatchSettings())


def test_delays_are_those_of_aws_where_they_take_no_time() -> None:
    """What really waits is brief by default; a value counts as it is."""
    assert delays_of(BatchSettings()) == Delays.realistic()
    assert delays_of(BatchSettings(engine="process")) == Delays.brief()
    assert delays_of(BatchSettings(engine="process", delays="none")) == Delays.none()
    assert delays_of(BatchSettings(delays=Delays(queue_s=3.0))) == Delays(queue_s=3.0)


def test_scripts_are_for_jobs_that_pretend() -> None:
    """Real commands have no script, and the error says which engine has."""
    with pytest.raises(DeclarationError, match="only engine='scripted' goes by scripts"):
        BatchSettings(engine="docker", jobs={"a": JobScript()})


def test_a_setting_that_does_not_exist_is_refused() -> None:
    """With all that there are."""
    with pytest.raises(ConfigurationError, match="The settings are engine, delays, faults, jobs, namespace, region"):
        changed(BatchSettings(), {"colour": "red"}, where="mine")


@pytest.mark.parametrize("bad", [{"exit_code": 256}, {"exit_code": -1}, {"duration_s": -0.5}])
def test_a_script_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    """When it is made, not when the job starts."""
    with pytest.raises(DeclarationError, match=next(iter(bad))):
        JobScript(**bad)


def test_a_namespace_that_batchwright_refuses_is_refused() -> None:
    """The settings leave to the session what the session checks."""
    with pytest.raises(DeclarationError, match="namespace"):
        BatchSession(BatchSettings(namespace="a b").namespace)
