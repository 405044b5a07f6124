"""The probes are a package of their own, which they themselves find from their command."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
