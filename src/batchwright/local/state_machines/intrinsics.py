"""The intrinsic functions of the Amazon States Language ("Intrinsics for JSONPath states", Step Functions guide)."""

import base64
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from batchwright.local.state_machines.failures import Json, StateFailure, as_text


def _format(template: str, *values: Json) -> str:
    parts = template.split("{}")
    if len(parts) != len(values) + 1:
        raise ValueError(f"the template has {len(parts) - 1} places for {len(values)} values")
    texts = [value if isinstance(value, str) else as_text(value) for value in values]
    return "".join(text for pair in zip(parts, [*texts, ""], strict=True) for text in pair)


def _partition(array: list[Json], size: int) -> list[Json]:
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    if step == 0:
        raise ValueError("the step is 0")
    numbers = list(range(first, last + (1 if step > 0 else -1), step))
    if len(numbers) > 1000:
        raise ValueError("the range has more than 1000 numbers")
    return numbers


def _item(array: list[Json], index: int) -> Json:
    if index < 0:
        raise IndexError(f"index {index} is negative")
    return array[index]


def _unique(array: list[Json]) -> list[Json]:
    return list({as_text(item): item for item in reversed(array)}.values())[::-1]


def _hash(text: Json, algorithm: str) -> str:
    names = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    content = text if isinstance(text, str) else as_text(text)
    return hashlib.new(names[algorithm], content.encode(), usedforsecurity=False).hexdigest()


def _merge(left: dict[str, Json], right: dict[str, Json], is_deep: bool) -> dict[str, Json]:
    if is_deep:
        raise ValueError("only shallow merges are supported: the third argument is false")
    return {**left, **right}


def _random(first: int, last: int, seed: int | None = None) -> int:
    return random.Random(seed).randrange(first, last)  # noqa: S311 - as the States Language has it; it guards nothing


def _contains(array: list[Json], value: Json) -> bool:
    return value in array


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def _array(*values: Json) -> list[Json]:
    return list(values)


def _add(left: float, right: float) -> int:
    if isinstance(left, bool) or isinstance(right, bool):
        raise TypeError("a boolean is not a number")
    return round(left) + round(right)


def _split(text: str, delimiters: str) -> list[str]:
    return [part for part in re.split(f"[{re.escape(delimiters)}]", text) if part]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Format": _format,
    "States.StringToJson": json.loads,
    "States.JsonToString": as_text,
    "States.Array": _array,
    "States.ArrayPartition": _partition,
    "States.ArrayContains": _contains,
    "States.ArrayRange": _range,
    "States.ArrayGetItem": _item,
    "States.ArrayLength": len,
    "States.ArrayUnique": _unique,
    "States.Base64Encode": _encode,
    "States.Base64Decode": _decode,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.MathRandom": _random,
    "States.MathAdd": _add,
    "States.StringSplit": _split,
    "States.UUID": lambda: str(uuid.uuid4()),
}


def call(name: str, arguments: list[Json]) -> Json:
    """Return what the function makes of its arguments.

    Raises:
        StateFailure: It makes nothing of them (`States.IntrinsicFailure`).
    """
    try:
        return FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise StateFailure("States.IntrinsicFailure", f"{name} failed: {error}") from None
