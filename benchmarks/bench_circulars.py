"""Circulars: from text to resolved facts, in characters a second, beside JioNLP's extraction of times alone.

Two texts, each repeated to 2 MB and read as one document and as its single papers: real circulars where they are at
hand beside the repository, which are mostly duties and times, and the invented papers of samples/ and of the gold
set's tuning half, with a sum of money every eighty characters, which are the dearest to read: each sum is weighed. CPU
seconds of this process are counted. JioNLP is GPL and never a dependency: name an interpreter of an environment that
has it in QINGQIAN_JIONLP_PYTHON; it reads the same papers, with parsing, for as many of them as fit into its time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

from benchmarks.row import Row

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "seeds"
INVENTED = (ROOT / "samples" / "texts", ROOT / "tests" / "gold" / "circulars" / "tuning")
SPEED = 150_000  # characters a second of one core
_BYTES = 2_000_000
_PEER_SECONDS = 30
_WARM = 40
_LOAD = """
import time
started = time.process_time()
from extractors.process import warm_up
warm_up()
print(time.process_time() - started)
"""
_PEER = """
import json, sys, time
try:
    import jionlp
except ImportError:
    print(json.dumps(None)); raise SystemExit
papers = json.load(sys.stdin)
for paper in papers[:WARM]:
    jionlp.ner.extract_time(paper, time_base={"year": 2024}, with_parsing=True)
read = found = 0
started = time.process_time()
for paper in papers:
    found += len(jionlp.ner.extract_time(paper, time_base={"year": 2024}, with_parsing=True))
    read += len(paper)
    if time.process_time() - started > LIMIT:
        break
print(json.dumps([read, time.process_time() - started, found, jionlp.__version__]))
"""


def run() -> list[Row]:
    """Characters a second of CPU for each text, as single papers and as one document; seconds to load."""
    rows: list[Row] = []
    real = sorted(REAL.glob("*.txt"))
    if real:
        rows += _rows("real circulars", real, target=True)
    invented = [p for folder in INVENTED for p in sorted(folder.glob("*.txt"))]
    rows += _rows("invented papers full of sums", invented, target=False)
    if not real:
        rows[0]["note"] = f"no real circulars at {REAL}: not measured. {rows[0].get('note') or ''}"
    loading = _loading()
    loads: Row = {
        "what": "circulars, loading lexicons and rules",
        "ours": f"{loading:.2f} s",
        "peer": "-",
        "ratio": None,
        "target": "≤ 1.5 s",
        "ok": loading <= 1.5,
    }
    return [*rows, loads]


def _rows(name: str, paths: list[Path], *, target: bool) -> list[Row]:
    """Both ways of reading one text; `target`: held to 150,000 characters a second, else only to be the faster."""
    papers = _repeated(paths)
    whole = "\n\n".join(papers)
    peer, note = _peer(papers)
    rows: list[Row] = []
    for what, texts in ((f"{len(papers)} papers, {len(whole):,} characters", papers), ("as one document", [whole])):
        ours, times = _read(texts)
        rows.append(
            {
                "what": f"{name}, {what}",
                "ours": f"{ours:,.0f} characters/s, {times} times",
                "peer": f"{peer:,.0f} characters/s" if peer else "-",
                "ratio": ours / peer if peer else None,
                "target": f"{'≥ 150,000/s and ' if target else ''}faster than JioNLP's times alone",
                "ok": (not target or ours >= SPEED) and (peer is None or ours > peer),
            }
        )
    rows[0]["note"] = note
    return rows


def _repeated(paths: list[Path]) -> list[str]:
    """The papers in order, over and over, until they make 2 MB."""
    texts = [p.read_text(encoding="utf-8-sig") for p in paths]
    out: list[str] = []
    size = 0
    for text in cycle(texts):
        if size >= _BYTES:
            return out
        out.append(text)
        size += len(text.encode())
    raise FileNotFoundError("no papers to read")


def _read(texts: list[str]) -> tuple[float, int]:
    """(characters a second of CPU, time expressions found), when every rule has been used once."""
    from extractors.document import Document
    from extractors.facts import Context
    from extractors.process import understand

    documents = [Document(sha256="0", name="paper.txt", format="txt", text=t) for t in texts]
    for d in documents[:_WARM]:
        understand(d, Context())
    started = time.process_time()
    found = sum(len(understand(d, Context()).deadlines) for d in documents)
    return sum(map(len, texts)) / (time.process_time() - started), found


def _loading() -> float:
    """CPU seconds of a fresh interpreter from the first import to the first paper read, best of three."""
    seconds = [
        float(
            subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True, text=True, cwd=ROOT).stdout
        )
        for _ in range(3)
    ]
    return min(seconds)


def _peer(papers: list[str]) -> tuple[float | None, str]:
    """JioNLP's characters a second of CPU, None where it is not at hand; and a note."""
    python = os.environ.get("QINGQIAN_JIONLP_PYTHON")
    if not python:
        return None, "JioNLP not measured: QINGQIAN_JIONLP_PYTHON names no interpreter"
    try:
        done = subprocess.run(
            [python, "-c", _PEER.replace("LIMIT", str(_PEER_SECONDS)).replace("WARM", str(_WARM))],
            input=json.dumps(papers), capture_output=True, text=True, timeout=20 * _PEER_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as e:
        return None, f"JioNLP not measured: {python}: {e}"
    answer = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 and done.stdout else None
    if answer is None:
        return None, f"JioNLP not measured: {python} cannot import it"
    read, seconds, found, version = answer
    return read / seconds, f"JioNLP {version} read {read:,} characters in {seconds:.1f} s of CPU, {found} times"
