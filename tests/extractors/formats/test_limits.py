"""All limits stand in one module, each with its reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from extractors.formats import limits

FORMATS = Path(limits.__file__).parent


def test_no_limit_is_spelled_elsewhere() -> None:
    found = [
        f"{path.name}: {match.group()}"
        for path in sorted(FORMATS.glob("*.py"))
        if path.name != "limits.py"
        for match in re.finditer(r"^_?MAX_\w+(?=\s*(?::[^=\n]+)?=)", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not found, "limits belong into limits.py, with their reasons"


def test_every_limit_has_a_reason() -> None:
    body = ast.parse((FORMATS / "limits.py").read_text(encoding="utf-8")).body
    waiting: list[str] = []
    for node in body[1:]:
        if isinstance(node, ast.Assign):
            waiting += [t.id for t in node.targets if isinstance(t, ast.Name)]
        elif isinstance(node, ast.Expr):  # one reason may speak for the limits just above it
            assert isinstance(node.value, ast.Constant)
            assert len(str(node.value.value)) > 20
            waiting.clear()
    assert waiting == []
