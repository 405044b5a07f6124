"""The tree of errors."""

import inspect
import pickle
import re

import pytest

from batchwright import errors
from batchwright.errors import BatchwrightError, DeclarationError, JobFailedError, NotFoundError, WaitTimeoutError


def _all() -> list[type[BatchwrightError]]:
    """Every public class of the tree."""
    classes = [cls for name, cls in inspect.getmembers(errors, inspect.isclass) if not name.startswith("_")]
    return [cls for cls in classes if issubclass(cls, BatchwrightError)]


def _parent(cls: type[BatchwrightError]) -> str | None:
    """The nearest public class above."""
    above = [base.__name__ for base in cls.__mro__[1:] if issubclass(base, BatchwrightError)]
    return next((name for name in above if not name.startswith("_")), None)


def test_the_drawing_is_the_tree() -> None:
    """The docstring of the module names every class once, under its parent."""
    parents: list[tuple[int, str]] = []
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth, name = len(found[1]), found[2]
            parents = [parent for parent in parents if parent[0] < depth]
            drawn[name] = parents[-1][1] if parents else None
            parents.append((depth, name))
    real = {cls.__name__: _parent(cls) for cls in _all()}
    assert drawn == real


def test_errors_of_python_are_kept_where_callers_expect_them() -> None:
    """A bad declaration is a ValueError, a time-out a TimeoutError."""
    assert issubclass(DeclarationError, ValueError)
    assert issubclass(WaitTimeoutError, TimeoutError)


def test_a_message_says_what_and_what_to_do() -> None:
    """The hint is the second line; a class's own where none is given."""
    assert str(BatchwrightError("what")) == "what"
    assert str(BatchwrightError("what", hint="do this")) == "what\ndo this"
    assert str(NotFoundError("what")) == f"what\n{NotFoundError.default_hint}"
    assert str(NotFoundError("what", hint="do that")) == "what\ndo that"


def test_a_declaration_error_names_field_value_and_range() -> None:
    """All three are in the message and in attributes."""
    error = DeclarationError("job 'a'", "vcpus", 0, "1 or more")
    assert str(error) == "job 'a': vcpus=0 is not legal: 1 or more."
    assert (error.field, error.value, error.legal) == ("vcpus", 0, "1 or more")


@pytest.mark.parametrize(
    "error",
    [
        BatchwrightError("what", resource="<JobQueue 'lab'>", hint="do"),
        DeclarationError("job 'a'", "vcpus", 0, "1 or more"),
        errors.AccessDeniedError("no", action="batch:TagResource", code="AccessDenied", operation="TagResource"),
        JobFailedError("failed", exit_code=3, last_lines=("a", "b")),
        errors.SubmissionUnknownError("unknown", submission_id="lab/a"),
        WaitTimeoutError("late", description={"status": "CREATING"}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_pickling(error: BatchwrightError) -> None:
    """From a worker process it arrives with everything that it carried, notes included."""
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
    with pytest.raises(type(error)):
        raise again
