"""The bundle's list of packages, the install script and the units say what is there."""

from __future__ import annotations

import configparser
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from tests.warm_command import call

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", DEPLOY / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bundle_holds_what_runs_and_no_tool_of_development(bundle: ModuleType) -> None:
    names = bundle.runtime_names()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {bundle.canonicalize_name(re.split(r"[\[<>=~ ]", d)[0]) for d in project["dependencies"]}
    assert direct <= names
    assert {"httpx", "sqlalchemy", "aiobotocore", "psycopg-binary"} <= names  # of dependencies and their extras
    assert not names & {"pytest", "ruff", "mypy", "hypothesis", "playwright", "moto", "pymap", "flask"}
    lock = bundle.runtime_lock()
    pins = re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock)
    assert {bundle.canonicalize_name(p) for p in pins} == names
    assert lock.count("--hash=sha256:") >= len(names)
    wanted = [Requirement(line.rstrip("\\ ")) for line in lock.splitlines() if line[:1].isalnum()]
    for name in names:  # what the lock would install here is what is installed here
        here = {
            str(r.specifier)
            for r in wanted
            if bundle.canonicalize_name(r.name) == name and (r.marker is None or r.marker.evaluate())
        }
        assert here == {f"=={importlib.metadata.version(name)}"}, name


def test_the_install_script_is_sound_and_asks_no_network() -> None:
    script = DEPLOY / "install.sh"
    subprocess.run(["sh", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert "--no-index" in text and "sha256sum --check" in text


def test_an_altered_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_bytes((DEPLOY / "install.sh").read_bytes())
    (tmp_path / "python").write_text(f"{sys.version_info.major}.{sys.version_info.minor}\n")
    (tmp_path / "a.whl").write_text("altered")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  a.whl\n")
    env = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable}
    done = subprocess.run(
        ["sh", str(tmp_path / "install.sh"), str(tmp_path / "to")], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "被改动" in done.stderr
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("unit", sorted(p.name for p in (DEPLOY / "systemd").iterdir()))
def test_units_call_commands_that_exist(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "systemd" / unit)
    if unit.endswith(".timer"):
        assert "Asia/Shanghai" in parser["Timer"]["OnCalendar"]
        assert (DEPLOY / "systemd" / unit.replace(".timer", ".service")).is_file()
        return
    program, command = parser["Service"]["ExecStart"].split()[:2]
    assert program == "/opt/qingqian/venv/bin/qingqian"
    assert call([command, "--help"], {}).returncode == 0
    assert parser["Service"]["User"] == "qingqian"


def test_the_wheel_takes_along_what_lies_beside_the_packages() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    extra = build["targets"]["wheel"]["force-include"]
    assert extra["sources"] == "pipelines/shipped_sources"
    assert extra["dagster.yaml"] == "pipelines/dagster.yaml"


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("没有 systemd-analyze，跳过单元文件的检查")
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/qingqian/venv/bin/qingqian", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        for moment in re.findall(r"(?m)^OnCalendar=(.+)$", text):
            subprocess.run([analyze, "calendar", moment], check=True, capture_output=True)
    done = subprocess.run(
        [analyze, "verify", *sorted(map(str, tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "qingqian-" in line]
    assert done.returncode == 0 and not ours, done.stderr
