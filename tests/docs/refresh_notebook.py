"""Runs the tutorial and stores what its cells give: `python -m tests.docs.refresh_notebook`, after any change to it."""

import nbformat

from .notebooks import TUTORIAL, executed

if __name__ == "__main__":
    nbformat.write(executed(TUTORIAL), TUTORIAL)
    print(f"{TUTORIAL.name}: its outputs are stored; look at them before you commit")
