"""DynamoDB's condition and update expressions, as far as submission protocols use them, evaluated for real."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Item = dict[str, Any]
Bindings = tuple[Item, Mapping[str, str], Mapping[str, Any]]
"""The item, the names and the values of one request."""
Condition = Callable[[Bindings], bool]
Value = dict[str, Any] | None
Operand = Callable[[Bindings], Value]

TOKENS: Final = re.compile(r"\s*([#:]?[A-Za-z_][\w.]*|<>|<=|>=|[=<>(),+-])")
COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ExpressionError(ValueError):
    """Something that this subset does not know; the request is refused rather than guessed at."""


def holds(expression: str | None, bindings: Bindings) -> bool:
    """Whether a condition holds of an item."""
    return expression is None or _condition(expression)(bindings)


def updated(expression: str, bindings: Bindings) -> Item:
    """What an item is after an update; the item itself is left alone."""
    item = dict(bindings[0])
    for path, operand in _updates(expression):
        name = bindings[1].get(path, path)
        if operand is None:
            item.pop(name, None)
        else:
            item[name] = operand(bindings)
    return item


@functools.cache
def _condition(text: str) -> Condition:
    parser = _Parser(text)
    condition = parser.either()
    parser.end()
    return condition


@functools.cache
def _updates(text: str) -> tuple[tuple[str, Operand | None], ...]:
    parser = _Parser(text)
    found: list[tuple[str, Operand | None]] = []
    while parser.peek():
        clause = parser.take().upper()
        if clause not in ("SET", "REMOVE"):
            raise ExpressionError(f"{clause} in {text!r}")
        while True:
            path = parser.take()
            found.append((path, parser.assigned() if clause == "SET" else None))
            if not parser.accept(","):
                break
    return tuple(found)


class _Parser:
    """One expression, token by token."""

    def __init__(self, text: str) -> None:
        self.tokens = TOKENS.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise ExpressionError(text)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise ExpressionError("it ends too early")
        self.at += 1
        return token

    def accept(self, token: str) -> bool:
        if self.peek().upper() != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise ExpressionError(f"{self.peek()!r} instead of {token!r}")

    def end(self) -> None:
        if self.peek():
            raise ExpressionError(f"{self.peek()!r} is left over")

    def either(self) -> Condition:
        parts = [self.both()]
        while self.accept("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda bound: any(part(bound) for part in parts)

    def both(self) -> Condition:
        parts = [self.negated()]
        while self.accept("AND"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else lambda bound: all(part(bound) for part in parts)

    def negated(self) -> Condition:
        if self.accept("NOT"):
            inner = self.negated()
            return lambda bound: not inner(bound)
        if self.accept("("):
            inner = self.either()
            self.expect(")")
            return inner
        return self.tested()

    def tested(self) -> Condition:
        for function, wanted in (("ATTRIBUTE_EXISTS", True), ("ATTRIBUTE_NOT_EXISTS", False)):
            if self.accept(function):
                return self.presence(wanted)
        left = self.operand()
        if self.accept("IN"):
            return self.among(left)
        compared = COMPARED.get(self.take())
        if compared is None:
            raise ExpressionError(f"no comparison before {self.peek()!r}")
        right = self.operand()
        return lambda bound: _compare(compared, left(bound), right(bound))

    def presence(self, wanted: bool) -> Condition:
        self.expect("(")
        path = self.operand()
        self.expect(")")
        return lambda bound: (path(bound) is not None) is wanted

    def among(self, left: Operand) -> Condition:
        self.expect("(")
        choices = [self.operand()]
        while self.accept(","):
            choices.append(self.operand())
        self.expect(")")
        return lambda bound: any(_compare(operator.eq, left(bound), choice(bound)) for choice in choices)

    def operand(self) -> Operand:
        token = self.take()
        if token.startswith(":"):
            return lambda bound: bound[2][token]
        if token.startswith("#"):
            return lambda bound: bound[0].get(bound[1][token])
        return lambda bound: bound[0].get(token)

    def assigned(self) -> Operand:
        self.expect("=")
        if self.accept("IF_NOT_EXISTS"):
            self.expect("(")
            first = self.operand()
            self.expect(",")
            other = self.operand()
            self.expect(")")
            return lambda bound: first(bound) or other(bound)
        return self.operand()


def _compare(compared: Callable[[Any, Any], bool], left: Value, right: Value) -> bool:
    """DynamoDB compares values of one type; what is not there equals nothing."""
    if left is None or right is None:
        return compared is operator.ne
    (left_type, one), (right_type, other) = *left.items(), *right.items()
    if left_type != right_type:
        return compared is operator.ne
    return compared(float(one), float(other)) if left_type == "N" else compared(one, other)
