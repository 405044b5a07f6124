"""A terminal to watch jobs in: a program runs in it, and what stands on it afterwards is known."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

CHILD = Path(__file__).parent / "children" / "watching.py"
PIECE = re.compile(r"\x1b\[(?P<number>[?\d;]*)(?P<letter>[A-Za-z])|(?P<sign>[\r\n])|(?P<other>\x1b|[\x00-\x1f\x7f])")


class Terminal:
    """What stands on a terminal of so many columns, as far as programs that draw over themselves need it."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines: list[str] = [""]
        self.at = 0
        self.unknown: list[str] = []
        """What acted on the terminal otherwise; nothing should."""

    def feed(self, written: str) -> "Terminal":
        """Take what a program has written."""
        place = 0
        for piece in PIECE.finditer(written):
            self._put(written[place : piece.start()])
            self._act(piece)
            place = piece.end()
        self._put(written[place:])
        return self

    @property
    def shown(self) -> list[str]:
        """The lines, without what is blank at their ends."""
        return [line.rstrip() for line in self.lines]

    def _put(self, text: str) -> None:
        for character in text:
            if self.column == self.columns:
                self._down()
            line = self.lines[self.at].ljust(self.column)
            self.lines[self.at] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    column = 0

    def _down(self) -> None:
        self.at += 1
        self.column = 0
        if self.at == len(self.lines):
            self.lines.append("")

    def _act(self, piece: re.Match[str]) -> None:
        letter, number = piece["letter"], piece["number"] or ""
        if piece["sign"] == "\n":
            self._down()
        elif piece["sign"] == "\r":
            self.column = 0
        elif letter == "A":
            self.at = max(self.at - int(number or 1), 0)
        elif letter == "K":
            self.lines[self.at] = ""
        elif letter not in ("m", "h", "l"):
            self.unknown.append(piece[0])


def in_terminal(*arguments: str, columns: int, lines: int, environment: Mapping[str, str] = {}) -> str:
    """What the child writes into a terminal of this size; it must end well."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    hidden = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    child = subprocess.Popen(
        [sys.executable, str(CHILD), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**inherited, "TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        start_new_session=True,
    )
    os.close(slave)
    written = b"".join(_read(master))
    os.close(master)
    text = written.decode("utf-8", "backslashreplace")
    assert child.wait(60) == 0, text
    return text


def _read(master: int) -> Sequence[bytes]:
    pieces: list[bytes] = []
    with suppress(OSError):  # so Linux says that nobody writes any more
        while piece := os.read(master, 65_536):
            pieces.append(piece)
    return pieces
