"""What stands after a `.$`: a path, or an intrinsic function of paths, texts, numbers and further functions."""

import functools
import json
import re
from collections.abc import Callable

import attrs

from batchwright.local.state_machines import intrinsics, paths
from batchwright.local.state_machines.failures import Json

Evaluate = Callable[[Json, Json], Json]
"""Returns the value for a state's data and the context object."""

_NAME = re.compile(r"States\.[A-Za-z0-9]+")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEEPEST = 10


class BadExpressionError(ValueError):
    """The text is neither a path nor a call of an intrinsic function."""


def check_expression(text: str) -> None:
    """Refuse what could not be evaluated, whatever the data.

    Raises:
        BadExpressionError: It is neither a path nor a call of an intrinsic function.
    """
    _compiled(text)


def evaluate(text: str, data: Json, context: Json, *, field: str) -> Json:
    """Return the value of an expression.

    Raises:
        StateFailure: A path leads nowhere, or a function makes nothing of its arguments.
    """
    if text.startswith("$"):
        return paths.read(text, data, context, field=field)
    return _compiled(text)(data, context)


@functools.lru_cache(maxsize=1024)
def _compiled(text: str) -> Evaluate:
    if text.startswith("$"):
        return _path(text)
    reader = _Reader(text)
    value = reader.call(1)
    if reader.rest():
        raise BadExpressionError(f"{text!r} goes on after its end with {reader.rest()!r}")
    return value


def _path(text: str) -> Evaluate:
    try:
        paths.check_path(text)
    except paths.BadPathError as error:
        raise BadExpressionError(str(error)) from None
    return lambda data, context: paths.read(text, data, context, field=text)


@attrs.define(eq=False)
class _Reader:
    """Reads one expression from left to right."""

    text: str
    at: int = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def call(self, depth: int) -> Evaluate:
        name = self._take(_NAME, "a function such as States.Format")[0]
        if name not in intrinsics.FUNCTIONS:
            raise BadExpressionError(f"{name} is not an intrinsic function of the States Language")
        if depth > _DEEPEST:
            raise BadExpressionError(f"functions stand within each other more than {_DEEPEST} deep")
        arguments = self._arguments(depth)
        return lambda data, context: intrinsics.call(name, [each(data, context) for each in arguments])

    def _arguments(self, depth: int) -> list[Evaluate]:
        self._skip("(")
        arguments: list[Evaluate] = []
        while not self.rest().startswith(")"):
            if arguments:
                self._skip(",")
            arguments.append(self._argument(depth))
        self._skip(")")
        return arguments

    def _argument(self, depth: int) -> Evaluate:
        rest = self.rest()
        if rest.startswith("$"):
            return self._path()
        if rest.startswith("States."):
            return self.call(depth + 1)
        if rest.startswith("'"):
            text = re.sub(r"\\(.)", r"\1", self._take(_TEXT, "a text in single quotes")[1])
            return lambda data, context: text
        literal = json.loads(self._take(_LITERAL, "a path, text, number or function")[0])
        return lambda data, context: literal

    def _path(self) -> Evaluate:
        """Read a path up to the comma or bracket that belongs to the function, not to a filter inside the path."""
        rest, depth, quote = self.rest(), 0, ""
        length = len(rest)
        for place, letter in enumerate(rest):
            if quote or letter in "'\"":
                quote = "" if letter == quote else quote or letter
            elif letter in "[(":
                depth += 1
            elif depth and letter in "])":
                depth -= 1
            elif not depth and letter in ",)":
                length = place
                break
        self.at = len(self.text) - len(self.text[self.at :].lstrip()) + length
        return _path(rest[:length].strip())

    def _skip(self, mark: str) -> None:
        if not self.rest().startswith(mark):
            raise BadExpressionError(f"{self.text!r} lacks a {mark!r} before {self.rest()!r}")
        self.at = self.text.index(mark, self.at) + 1

    def _take(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        self.at = len(self.text) - len(self.text[self.at :].lstrip())
        found = pattern.match(self.text, self.at)
        if found is None:
            raise BadExpressionError(f"{self.text!r} has {self.rest()!r} where {wanted} belongs")
        self.at = found.end()
        return found
