"""What reading on a cluster costs beside reading here: all processes counted, JVMs and the start of the application.

QINGQIAN_BENCH_SPARK_DOCUMENTS (default 200) ledgers of 0.2 CPU seconds or more; 2000 is what the target is meant for:
starting an application costs some 40 CPU seconds, whatever it then reads. Not measured without pyspark or Java.
"""

from __future__ import annotations

import importlib.util
import os
import shutil

from benchmarks.row import Row

DOCUMENTS = int(os.environ.get("QINGQIAN_BENCH_SPARK_DOCUMENTS") or "200")
MEANT_FOR = 2_000


def run() -> list[Row]:
    """One line: CPU seconds on a cluster beside CPU seconds here."""
    what = f"{DOCUMENTS} ledgers of ≥ 0.2 s on Spark"
    target = "≤ 1.5" if DOCUMENTS >= MEANT_FOR else f"≤ 1.5 at {MEANT_FOR:,}"
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        return [{"what": what, "ours": "—", "peer": "—", "ratio": None, "target": target, "ok": None,
                 "note": "needs pyspark and Java"}]  # fmt: skip
    from benchmarks.spark_run import a_cluster, both, ledgers

    with a_cluster() as (folder, running):
        inbox = folder / "inbox"
        ledgers(inbox, DOCUMENTS)
        found = both(folder, inbox, running)
    assert found["same_bytes"], "the cluster made other bytes than this machine"
    there, here = found["spark"], found["local"]
    return [
        {
            "what": what,
            "ours": f"{there['cpu_seconds']} cpu-s",
            "peer": f"{here['cpu_seconds']} cpu-s by the local executor",
            "ratio": found["ratio"],
            "target": target,
            "ok": found["ratio"] <= 1.5 if DOCUMENTS >= MEANT_FOR else None,
            "note": f"{there['cpu_ms_a_file']} against {here['cpu_ms_a_file']} ms a document",
        }
    ]
