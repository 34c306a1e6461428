"""`make bundle`: one archive that installs and runs on a machine without a network.

It holds a wheelhouse of the locked runtime dependencies (none of the development tools), our own wheel, checksums, the
install script, the systemd units, and the sample inbox for a first night.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def locked() -> dict[str, str]:
    """The blocks of requirements.lock (pin, hashes, remarks) by canonical name; several where versions of Python
    differ, each with its marker."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    out: dict[str, str] = {}
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text):
        name = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", block)
        if name:
            out[canonicalize_name(name[1])] = out.get(canonicalize_name(name[1]), "") + block
    return out


def runtime_names() -> set[str]:
    """What the product needs to run: its dependencies and theirs, for this platform, as installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(r) for r in project["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *sorted(wanted.extras)):
            key = (canonicalize_name(wanted.name), extra)
            if key not in seen:
                seen.add(key)
                waiting += list(_needs(wanted.name, extra))
    return {name for name, _ in seen}


def _needs(name: str, extra: str) -> Iterator[Requirement]:
    environment = {**default_environment(), "extra": extra}
    for text in importlib.metadata.requires(name) or ():
        found = Requirement(text)
        if found.marker is None or found.marker.evaluate(environment):
            yield found


def runtime_lock() -> str:
    """requirements.lock without what only development needs. Raises KeyError for a dependency that is not locked."""
    blocks = locked()
    return "".join(blocks[name] for name in sorted(runtime_names()))


def build(target: Path) -> Path:
    """Write the archive below `target` and return its path. Raises CalledProcessError when pip fails."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    name = f"qingqian-{version}-{tag}-{sys.platform}"
    with tempfile.TemporaryDirectory(prefix="qingqian-bundle-") as folder:
        top = Path(folder) / name
        wheels = top / "wheels"
        wheels.mkdir(parents=True)
        lock = top / "runtime.lock"
        lock.write_text(runtime_lock(), encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock), "-w", str(wheels)], check=True)
        subprocess.run([*pip, "--no-build-isolation", "-w", str(wheels), str(ROOT)], check=True)
        shutil.copytree(ROOT / "samples" / "inbox", top / "samples" / "inbox")
        shutil.copytree(HERE / "systemd", top / "systemd")
        for file in ("install.sh", "README.md", "Containerfile"):
            shutil.copy2(HERE / file, top / file)
        shutil.copy2(ROOT / "LICENSE", top / "LICENSE")
        (top / "python").write_text(f"{sys.version_info.major}.{sys.version_info.minor}\n")
        sums = [f"{_sha256(p)}  {p.relative_to(top)}\n" for p in sorted(top.rglob("*")) if p.is_file()]
        (top / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
        target.mkdir(parents=True, exist_ok=True)
        archive = target / f"{name}.tar"
        with tarfile.open(archive, "w") as tar:  # wheels are compressed already
            tar.add(top, arcname=name)
    return archive


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, default=ROOT / "dist")
    made = build(parser.parse_args().target)
    print(f"{made} ({made.stat().st_size / 1e6:.0f} MB); unpack it there and run install.sh")
