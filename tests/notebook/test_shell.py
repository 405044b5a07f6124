"""What a person sees who types into a real IPython."""

from collections.abc import Iterator

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from batchwright.local.in_process import InProcessAws

from .looked_at import NAMES, SECRET, account, objects, session_on


@pytest.fixture(scope="module")
def aws() -> Iterator[InProcessAws]:
    """The account."""
    aws = account()
    yield aws
    aws.close()


@pytest.fixture(scope="module")
def shell(aws: InProcessAws) -> Iterator[InteractiveShell]:
    """An IPython in which a failed job and what belongs to it have names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VIRTUAL_ENV", raising=False)  # IPython would work with the packages of whatever is activated
        options = {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
        shell = InteractiveShell(config=Config(options))
    with session_on(aws) as session:
        shell.user_ns.update(objects(session))
        yield shell


def printed(shell: InteractiveShell, code: str) -> str:
    """What a cell prints, its value included."""
    with capture_output() as caught:
        shell.run_cell(code)
    assert caught.stderr == ""
    return str(caught.stdout)


def completed(shell: InteractiveShell, line: str) -> set[str]:
    """What the Tab key offers at the end of a line."""
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(line, len(line))}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_looked_at_is_text_and_html_or_a_picture(name: str, shell: InteractiveShell, aws: InProcessAws) -> None:
    """Each shows the same way in a terminal and in a notebook, asks AWS nothing, and tells no variable's value."""
    before = len(aws.calls)
    told = printed(shell, name)
    forms, _ = shell.display_formatter.format(shell.user_ns[name])
    assert len(aws.calls) == before
    assert forms["text/plain"] in told
    assert "text/html" in forms or "image/png" in forms
    assert SECRET not in f"{told}{forms}"


def test_what_lies_in_a_list_is_short(shell: InteractiveShell) -> None:
    """Inside other things a resource is a line of code and no table."""
    assert "[JobQueue(" in printed(shell, "[queue]")


def test_an_error_that_is_raised_tells_its_reason(shell: InteractiveShell) -> None:
    """The traceback is the one that people know, and ends with what failed and why."""
    told = printed(shell, "job.wait()")
    assert "Traceback (most recent call last)" in told
    assert "JobFailedError: job 'sub-01'" in told
    assert "no such subject" in told
    assert SECRET not in told


def test_factories_and_their_fields_are_completed(shell: InteractiveShell, aws: InProcessAws) -> None:
    """The Tab key knows the verbs of a session, the fields of a class and what a job can do, and asks AWS nothing."""
    before = len(aws.calls)
    assert {"job_definition", "job_queue", "jobs"} <= completed(shell, "session.jo")
    assert "compute_environments=" in completed(shell, "session.job_queue(name='lab', comp")
    assert {"diagnose", "describe"} <= completed(shell, "job.d")
    assert {"status_reason", "started_at"} <= completed(shell, "described.st")
    assert len(aws.calls) == before


def test_the_question_mark_tells_the_signature(shell: InteractiveShell) -> None:
    """`session.job_queue?` has the fields and what each promises."""
    told = shell.object_inspect("session.job_queue")
    assert told["definition"].startswith("session.job_queue(")
    assert "scheduling_policy" in told["definition"]
    assert "compute_environments" in told["docstring"]
