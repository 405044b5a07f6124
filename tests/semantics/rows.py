"""Every row, in the order of the page."""

from importlib import import_module
from typing import Final

from semantics.semantic import SEMANTICS, Semantic

for _probes in ("life", "dependencies", "endings", "queues", "requests", "containers"):
    import_module(f"semantics.probes_{_probes}")
ROWS: Final[dict[str, Semantic]] = SEMANTICS
"""By the probe's name."""
