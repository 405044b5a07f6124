"""A module imports only what lies below it; read from the source, so that a lazy import counts too."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import batchwright

ROOT = Path(batchwright.__file__).parent
LAYERS: dict[float, tuple[str, ...]] = {
    0: ("errors", "_clock", "_display.*", "_error_view", "_travel", "nearest", "notices"),
    1: (
        "_wire",
        "console",
        "credentials",
        "drift",
        "findings",
        "graph",
        "ownership",
        "replacing",
        "showing",
        "tabular",
        "translation",
        "values",
    ),
    1.5: ("waiting", "limiter", "side_by_side"),
    1.7: ("sightings",),
    2: ("connection", "outcome"),
    2.5: ("advice",),
    3: ("declaration", "converging", "names_there", "removing"),
    3.5: ("lifecycle",),
    4: (
        "jobs.*",
        "resources.iam_*",
        "resources.instance_profile",
        "resources.network",
        "resources.scheduling_policy",
        "resources.security_*",
    ),
    4.5: ("attempt", "submission"),
    5: (
        "resources.compute_*",
        "resources.consumable_*",
        "resources.environment_*",
        "resources.efs_*",
        "resources.parameter_store",
        "resources.secret*",
        "resources.stored_secret",
        "resources.sizes",
        "resources.state_machine*",
        "resources.status_tracker",
        "resources.tracker_*",
    ),
    6: ("resources.container_*", "resources.definition_*", "resources.job_definition", "resources.job_queue"),
    7: ("resources.batch_job", "resources.job_*"),
    7.5: ("resources.teardown*",),
    8: (
        "costs",
        "defaults",
        "factories",
        "inventory",
        "job_ids",
        "many",
        "many_jobs",
        "memory",
        "parallel",
        "report",
        "stopping_jobs",
        "submitting",
        "wiring",
    ),
    8.1: ("remembering",),
    8.2: ("job_verbs", "many_submissions.*"),
    8.25: ("listing.*",),
    8.3: ("diagnosis.*",),
    8.4: ("planning.*", "watching.*"),
    8.5: ("session",),
    9: ("neuroconv.*", "testing.*", "local.session", "local.local_server"),
}
"""The first pattern that fits counts. A module imports lower layers, and of its own layer its own package only."""

SERVER_MAY = ("local.*", "errors", "_display.*")
"""What a module of the local server's side imports: it is to start at once, and to prove nothing by our own code."""

ABOVE_THE_SERVER = ("local.session", "local.local_server")


def _modules() -> dict[str, Path]:
    """Every module but the packages' own, by its name without the package's."""
    paths = sorted(ROOT.rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths if path.stem != "__init__"}


MODULES = _modules()


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import that happens at run time, inside functions too."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        for statement in node.orelse:
            yield from _statements(statement)
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _statements(child)


def _imported(path: Path) -> set[str]:
    """The modules of the package that this file imports."""
    names: set[str] = set()
    for statement in _statements(ast.parse(path.read_text())):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        else:
            assert statement.level == 0, f"{path}: relative imports hide where a module lies"
            names |= {f"{statement.module}.{alias.name}" for alias in statement.names} | {str(statement.module)}
    own = {name.removeprefix("batchwright.") for name in names if name.startswith("batchwright.")}
    return own & set(MODULES)


def _is_server(module: str) -> bool:
    return module.startswith("local.") and module not in ABOVE_THE_SERVER


def _fits(module: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def _layer(module: str) -> float:
    for layer, patterns in LAYERS.items():
        if _fits(module, patterns):
            return layer
    raise AssertionError(
        f"batchwright.{module} is in no layer. Add it to LAYERS in {Path(__file__).name}: one above the highest layer "
        f"that it imports ({', '.join(sorted(_imported(MODULES[module]))) or 'nothing'})."
    )


@pytest.mark.parametrize("module", [module for module in MODULES if not _is_server(module)])
def test_a_module_imports_lower_layers_only(module: str) -> None:
    """Or, within its own layer, its own package."""
    mine, package = _layer(module), module.rpartition(".")[0]
    for other in _imported(MODULES[module]):
        if _is_server(other):
            assert mine == 9, f"{module} imports {other}, which belongs to the local server"
            continue
        theirs = _layer(other)
        assert theirs <= mine, f"{module} (layer {mine}) imports {other} (layer {theirs}), which lies above it"
        if theirs == mine:
            assert other.rpartition(".")[0] == package, f"{module} imports {other} of its own layer, another package"


@pytest.mark.parametrize("module", [module for module in MODULES if _is_server(module)])
def test_the_local_server_imports_nothing_of_the_sdk(module: str) -> None:
    """It is an AWS of its own, not a mirror of our own misunderstandings."""
    others = {other for other in _imported(MODULES[module]) if not _fits(other, SERVER_MAY)}
    assert not others, f"{module} is on the server's side and imports {', '.join(sorted(others))}"
    assert not {"session", "local.session"} & _imported(MODULES[module])


def test_nothing_goes_round() -> None:
    """Within a layer too, imports have an order."""
    graph = {module: _imported(path) - {module} for module, path in MODULES.items()}
    assert set(TopologicalSorter(graph).static_order()) == set(MODULES)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_pattern_of_the_table_fits_something(layer: float) -> None:
    """A module that moved away leaves no line behind; what only comes and goes is not listed."""
    for pattern in LAYERS[layer]:
        assert any(fnmatchcase(module, pattern) for module in MODULES), f"{pattern} fits no module: take it out"


def test_moto_is_imported_in_one_place() -> None:
    """Whatever moto changes is met in one module."""
    naming = re.compile(r"^\s*from moto\b|(^|\W)(import|import_module\()\s*\(?[\"']?moto\b", re.MULTILINE)
    users = {module for module, path in MODULES.items() if naming.search(path.read_text())}
    assert users == {"local.neighbours"}


def test_only_the_clock_sleeps() -> None:
    """Time is an object; whoever sleeps behind its back cannot be tested."""
    sleepers = {
        module for module, path in MODULES.items() if "time.sleep(" in path.read_text() and not _is_server(module)
    }
    assert sleepers == {"_clock"}
