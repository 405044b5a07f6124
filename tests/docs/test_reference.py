"""The reference is whole."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import batchwright
from batchwright import testing
from batchwright.local import __all__ as local_names

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
MENTION = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)


def documented() -> set[object]:
    """The objects that the reference has an entry for; of a module, all its classes."""
    found: set[object] = set()
    for page in REFERENCE.glob("*.md"):
        for path in MENTION.findall(page.read_text("utf-8")):
            thing: object = pkgutil.resolve_name(path)
            found.add(thing)
            if inspect.ismodule(thing):
                found.update(value for _, value in inspect.getmembers(thing, inspect.isclass))
    return found


def test_every_public_name_has_an_entry() -> None:
    """Whatever users can import from `batchwright` and its public modules is in the reference."""
    local = importlib.import_module("batchwright.local")
    public = {name: getattr(batchwright, name) for name in batchwright.__all__ if name != "__version__"}
    public.update({name: getattr(local, name) for name in local_names})
    public.update({name: getattr(testing, name) for name in testing.__all__})
    there = documented()
    assert sorted(name for name, value in public.items() if value not in there) == []


def test_every_entry_says_something() -> None:
    """Nothing is in the reference without a docstring of its own."""
    silent = [thing for thing in documented() if not (inspect.getdoc(thing) or "").strip()]
    assert silent == []
