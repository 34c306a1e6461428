"""A night over one circular and one ledger in every format: what the spot of a value is tried on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.extractors.formats import makers, render
from tests.pipelines.nights import nightly

CIRCULARS: dict[str, Callable[[], bytes]] = {
    "通知.txt": render.circular_txt,
    "通知.html": render.circular_html,
    "通知.docx": render.circular_docx,
    "通知.rtf": render.circular_rtf,
    "通知.pdf": render.circular_pdf,
    "通知.ofd": render.circular_ofd,
    "通知.eml": render.circular_eml,
    "通知.doc": lambda: makers.kept("equal_circular.doc"),
    "通知.wps": lambda: makers.kept("circular.doc"),
}
LEDGERS: dict[str, Callable[[], bytes]] = {
    "台账.csv": render.ledger_csv,
    "台账.xlsx": render.ledger_xlsx,
    "台账.docx": render.ledger_docx,
    "台账.html": render.ledger_html,
    "台账.pdf": render.ledger_pdf,
    "台账.ofd": render.ledger_ofd,
    "台账.xls": lambda: makers.kept("equal_ledger.xls"),
    "台账.doc": lambda: makers.kept("equal_ledger.doc"),
    "台账.et": lambda: makers.kept("ledger.xls"),
}
SCANS: dict[str, Callable[[], bytes]] = {"通知扫描.tif": render.circular_scan, "图片.png": makers.image}


def every_format(home: Path, inbox: Path, *, scans: bool) -> None:
    """Write the files and publish a night over them."""
    inbox.mkdir(parents=True)
    for name, make in {**CIRCULARS, **LEDGERS, **(SCANS if scans else {})}.items():
        (inbox / name).write_bytes(make())
    nightly(home, inbox, "2026-07-31")
