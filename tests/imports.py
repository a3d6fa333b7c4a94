"""What the files of a room import, read off their text: absolute, relative, or by a string."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_IMPORTERS = ("import_module", "import_quietly", "__import__")
HIDDEN = "hidden"  # a module whose name is not written where it is imported


def modules(room: str) -> list[Path]:
    """The files of a room, from the root."""
    return [path.relative_to(ROOT) for path in sorted((ROOT / room).rglob("*.py"))]


def name_of(path: Path) -> str:
    """What a file is called where it is imported."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, source: str) -> Iterator[str]:
    """Every module that a file imports, wherever in it: absolute, relative or by a string."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*parts, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in _IMPORTERS:
            yield _module(node.args[0])


def imported_at_once(source: str) -> Iterator[str]:
    """What a file imports while it is itself imported, by absolute names."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _module(argument: ast.expr) -> str:
    """What a call imports: "room.name", "room." of f"room.{name}", else HIDDEN."""
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
        if isinstance(argument, ast.Constant) and "." not in str(argument.value):
            return HIDDEN
    return str(argument.value) if isinstance(argument, ast.Constant) else HIDDEN
