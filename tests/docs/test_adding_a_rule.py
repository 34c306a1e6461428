"""docs/adding-a-rule.md does what it says: its diffs, applied to a copy of the repository, fail and pass as told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "adding-a-rule.md"
DIFFS = re.findall(r"```diff (\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
TESTS = {
    "tests/specs/amounts.yml": "tests/extractors/circular/test_amounts.py",
    "tests/specs/deadlines.yml": "tests/extractors/circular/test_deadlines.py",
}


def applied(text: str, diff: str) -> str:
    """A text with one diff of the guide applied; what the diff does not add must stand in it exactly once."""
    lines = diff.rstrip("\n").split("\n")
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"the guide's place is not there, or not once: {old!r}"
    return text.replace(old, new)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The extractors, their specs and their tests, in a place of their own."""
    for folder in ("extractors", "tests/specs", "tests/extractors/circular", "tests/extractors/rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "circulars"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def outcome(copy: Path, *tests: str) -> tuple[int, str]:
    """(number of failed tests, output) of pytest run in the copy, on the copy's own extractors."""
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import extractors; print(extractors.__file__)"],
        cwd=copy, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(copy)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=copy, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return len(re.findall(r"(?m)^FAILED ", done.stdout)), done.stdout


def test_the_guide_has_two_examples() -> None:
    specs = [path for path, _ in DIFFS if path in TESTS]
    assert specs == list(TESTS)
    assert [path for path, _ in DIFFS if path not in TESTS] == [
        "extractors/lexicon/money.yml",
        "extractors/rules/time/cadence.py",
    ]


@pytest.mark.parametrize("example", [0, 1], ids=["a wording", "a rule"])
def test_the_case_fails_without_the_change_and_passes_with_it(example: int, copy: Path) -> None:
    (spec, case), (source, change) = DIFFS[2 * example : 2 * example + 2]
    target = copy / spec
    target.write_text(applied(target.read_text(encoding="utf-8"), case), encoding="utf-8")
    failed, said = outcome(copy, f"{TESTS[spec]}::test_case")
    assert failed == 1, said
    target = copy / source
    target.write_text(applied(target.read_text(encoding="utf-8"), change), encoding="utf-8")
    failed, said = outcome(copy, f"{TESTS[spec]}::test_case", "tests/extractors/rules/test_rules.py")
    assert failed == 0, said


def test_every_lexicon_and_path_the_guide_names_is_there() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+\.yml)`", text))
    assert {p.name for p in (ROOT / "extractors" / "lexicon").glob("*.yml")} >= named
    for path in re.findall(r"`((?:tests|extractors)/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path
