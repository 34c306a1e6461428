"""Circulars: from text to resolved facts, in characters a second, beside JioNLP's extraction of times alone.

The text is the invented circulars of samples/ and of the gold set's tuning half, repeated to 2 MB, read as one
document and as its single papers. CPU seconds of this process are counted. JioNLP is GPL and never a dependency:
name an interpreter of an environment that has it in QINGQIAN_JIONLP_PYTHON; it reads the same papers, with parsing,
for as many of them as fit into its time.
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
    """Characters a second of CPU: one document of 2 MB, the same text as single papers; seconds to load."""
    papers = _papers()
    whole = "\n\n".join(papers)
    apart, times = _read(papers)
    together, _ = _read([whole])
    peer, note = _peer(papers)
    loading = _loading()
    beside = f"{peer:,.0f} characters/s" if peer else "-"
    rows: list[Row] = [
        {
            "what": f"circulars, {len(papers)} papers, {len(whole):,} characters to resolved facts",
            "ours": f"{apart:,.0f} characters/s, {times} times",
            "peer": beside,
            "ratio": apart / peer if peer else None,
            "target": "≥ 150,000/s and faster than JioNLP's times alone",
            "ok": apart >= 150_000 and (peer is None or apart > peer),
            "note": note,
        },
        {
            "what": "circulars, the same text as one document",
            "ours": f"{together:,.0f} characters/s",
            "peer": beside,
            "ratio": together / peer if peer else None,
            "target": "≥ 150,000/s",
            "ok": together >= 150_000,
        },
        {
            "what": "circulars, loading lexicons and rules",
            "ours": f"{loading:.2f} s",
            "peer": "-",
            "ratio": None,
            "target": "≤ 1.5 s",
            "ok": loading <= 1.5,
        },
    ]
    return rows


def _papers() -> list[str]:
    """The papers in order, over and over, until they make 2 MB."""
    folders = (ROOT / "samples" / "texts", ROOT / "tests" / "gold" / "circulars" / "tuning")
    texts = [p.read_text(encoding="utf-8-sig") for folder in folders for p in sorted(folder.glob("*.txt"))]
    out: list[str] = []
    size = 0
    for text in cycle(texts):
        if size >= _BYTES:
            return out
        out.append(text)
        size += len(text.encode())
    raise FileNotFoundError(f"no papers in {folders}")


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
