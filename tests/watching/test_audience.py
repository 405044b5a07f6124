"""Who is looking: one place decides it for the line of a wait and for the table of a watch."""

import io
import sys
from types import ModuleType, SimpleNamespace

import pytest

from batchwright._display.view import View
from batchwright.jobs.audience import PACE_S, Audience, NotebookPlace, audience_of, cell_number
from batchwright.testing import FakeClock


class Tty(io.StringIO):
    """What says that it is a terminal."""

    def isatty(self) -> bool:
        """As a terminal answers."""
        return True


def ipython(monkeypatch: pytest.MonkeyPatch, shell: object) -> ModuleType:
    """IPython, running as this shell."""
    module = ModuleType("IPython")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "IPython", module)
    return module


@pytest.mark.parametrize(
    ("stream", "term", "shell", "audience"),
    [
        (Tty(), "xterm-256color", None, Audience.TERMINAL),
        (Tty(), "dumb", None, Audience.NOBODY),
        (Tty(), "xterm", SimpleNamespace(execution_count=3), Audience.TERMINAL),
        (io.StringIO(), "xterm", None, Audience.NOBODY),
        (io.StringIO(), "xterm", SimpleNamespace(execution_count=3), Audience.NOBODY),
        (io.StringIO(), "dumb", SimpleNamespace(kernel=object()), Audience.NOTEBOOK),
        (None, "xterm", None, Audience.NOBODY),
    ],
)
def test_who_reads(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None, term: str, shell: object, audience: Audience
) -> None:
    """A terminal that can go back in a line, a notebook's kernel, or nobody."""
    monkeypatch.setenv("TERM", term)
    ipython(monkeypatch, shell)
    assert audience_of(stream) is audience


def test_the_number_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython counts them; nobody else does."""
    ipython(monkeypatch, SimpleNamespace(execution_count=7))
    assert cell_number() == 7
    ipython(monkeypatch, None)
    assert cell_number() is None
    monkeypatch.delitem(sys.modules, "IPython")
    assert cell_number() is None


def test_a_place_in_a_notebook_is_written_over_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is put out once, then updated; what comes too fast is left out, but for the last."""
    sent: list[tuple[str, str]] = []

    def display(shown: object, *, display_id: bool) -> object:
        assert display_id
        sent.append(("display", repr(shown)))
        return SimpleNamespace(update=lambda shown: sent.append(("update", repr(shown))))

    ipython(monkeypatch, None).display = SimpleNamespace(display=display)  # type: ignore[attr-defined]  # a stand-in
    clock = FakeClock()
    place = NotebookPlace(clock)
    for number in range(8):
        place.show(View(title=str(number)))
        clock.sleep(PACE_S / 4)
    place.settle()
    place.settle()
    assert sent == [("display", "0"), ("update", "4"), ("update", "7")]
