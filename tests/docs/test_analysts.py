"""docs/analysts.md and its notebook do what they say: every command, script, question and cell is run."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import warehouse
from pipelines.clocks import clock_tables
from tests.warehouse.makers import NOW
from tests.warehouse.scripted_year import year_warehouse
from warehouse.build import add_rows
from warehouse.clock_inputs import clock_inputs
from warehouse.publish import publish
from warehouse.state import open_state

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "analysts.md").read_text("utf-8")
NOTEBOOK = ROOT / "docs" / "notebooks" / "arrears.ipynb"
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "bash" for line in text.splitlines() if line.strip()]
SCRIPTS = [text for kind, text in BLOCKS if kind == "python"]
QUESTIONS = [text for kind, text in BLOCKS if kind == "sql"]
# Questions that the scripted year has nothing to answer with: no circulars, no days of delivery, nothing held back.
UNANSWERED = ("FROM duties", "overdue_days > 0", "FROM quarantined_rows", "FROM regions g")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    candidate = year_warehouse(folder)
    candidate = add_rows(candidate, clock_tables(clock_inputs(candidate.path)))
    with open_state(folder) as state:
        publish(candidate, folder, state, now=NOW)
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "QINGQIAN_HOME": str(home), "PATH": path, "PYTHONPATH": str(ROOT)}


def run(arguments: list[str] | str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        arguments, cwd=folder, env=environment, shell=isinstance(arguments, str), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_guide_has_something_of_each() -> None:
    assert {kind for kind, _ in BLOCKS} == {"bash", "python", "sql"}
    assert len(COMMANDS) >= 5
    assert len(QUESTIONS) >= 12


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[:48])
def test_commands(command: str, tmp_path: Path, environment: dict[str, str]) -> None:
    said = run(command, tmp_path, environment)
    target = re.search(r"--output (\S+)", command)
    assert said or target
    assert target is None or (tmp_path / target[1]).stat().st_size > 0


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_scripts(number: int, tmp_path: Path, environment: dict[str, str]) -> None:
    assert "990101" in run([sys.executable, "-c", SCRIPTS[number]], tmp_path, environment) or number > 0


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q[:48].replace("\n", " "))
def test_questions(question: str, home: Path) -> None:
    rows = warehouse.connect(home).execute(question).fetchall()
    assert bool(rows) != any(words in question for words in UNANSWERED)


def cells() -> list[str]:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def test_the_notebook_is_kept_without_outputs() -> None:
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_notebook_runs(home: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """By Jupyter where it is installed, else its cells one after the other."""
    if importlib.util.find_spec("nbclient") and importlib.util.find_spec("ipykernel"):
        code = "import sys, nbformat, nbclient; nbclient.NotebookClient(nbformat.read(sys.argv[1], 4)).execute()"
        run([sys.executable, "-c", code, str(NOTEBOOK)], tmp_path, environment)
        return
    code = "\n".join(cells()) + "\nprint(len(by_month), len(changed), by_region['cleared share'].max() > 0)"
    assert run([sys.executable, "-c", code], tmp_path, environment) == "12 1 True\n"
