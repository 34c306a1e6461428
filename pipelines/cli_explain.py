"""`qingqian explain`: one file's text with every finding marked on it, its rule and how the rule came to it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from extractors.contract import to_contract
from extractors.document import Document
from extractors.explain import Mark, Piece, marks, pieces
from extractors.facts import Context
from extractors.process import Extraction, decode
from pipelines.cli import CommandError
from pipelines.explain_words import Language, Words
from pipelines.isolation.pool import Task, WorkerPool

_STYLES = {
    "metadata": "yellow", "amount": "bold green", "deadline": "bold magenta", "assignment": "bold blue", "ref": "cyan",
    "statistic": "dim green", "part": "bold yellow",
}  # fmt: skip
# Control characters of a document must not reach the terminal; each keeps its place.
_VISIBLE = {c: 0x2400 + c for c in range(32) if c not in (9, 10)} | dict.fromkeys(range(127, 160), 0xFFFD)
_QUIET = "magenta"  # times that bind nobody


def run(*, file: Path, html: Path | None, reference_date: dt.date | None, language: Language) -> None:
    """Print the marked text, or write it as a page. Raises CommandError when the file cannot be read or written."""
    extraction = extracted(file, Context(reference_date=reference_date))
    if extraction.failure is not None or extraction.document is None or extraction.facts is None:
        raise CommandError(extraction.failure.message if extraction.failure else f"文件 {file} 没有读出内容")
    words = Words(language)
    if html is not None:
        from pipelines.explain_html import page

        try:
            html.write_text(page(extraction, str(file.name), words), encoding="utf-8")
        except OSError as e:
            raise CommandError(f"写不了 {html}：{e.strerror}；请换一个位置") from e
        print(words.said("written", html), file=sys.stderr)
        return
    show(extraction, str(file), words, Console(soft_wrap=True, highlight=False))


def extracted(file: Path, context: Context) -> Extraction:
    """One file read in a limited child process, like every file."""
    if not file.is_file():
        what = "是文件夹，不是文件" if file.is_dir() else "不存在"
        raise CommandError(f"文件 {file} {what}；请检查路径")
    task = Task(key="0", path=str(file.resolve()), name=file.name, context=msgspec.json.encode(context))
    with WorkerPool(workers=1) as pool:
        outcome = next(iter(pool.run([task])))
    if not outcome.ok or outcome.payload is None:
        raise CommandError(outcome.error_message or f"文件 {file} 的解析进程没有给出结果；请再试一次")
    return decode(outcome.payload)


def show(extraction: Extraction, name: str, words: Words, console: Console) -> None:
    """The marked text, paragraph by paragraph, each with its findings below."""
    assert extraction.document is not None
    assert extraction.facts is not None
    document = extraction.document
    found = marks(extraction.facts)
    console.rule(Text(name, style="bold"))
    for notice in document.notices:
        console.print(Text(f"! {notice.message}", style="yellow"))
    console.print(Text.assemble(*_legend(found, words)))
    starts = dict(page_starts(document))
    notes: dict[int, list[Mark]] = {}
    for mark in found:
        notes.setdefault(document.text.rfind("\n", 0, mark.start) + 1, []).append(mark)
    for start, _, line in lines(document, found, words):
        if start in starts:
            console.rule(Text(words.said("page", starts[start]), style="dim"), align="right", style="dim")
        console.print(line)
        for mark in notes.get(start, ()):
            console.print(note(mark, words))
    if not found and not extraction.facts.ledger:
        console.print(words.said("nothing"))
    _ledger(extraction, name, console)


def lines(document: Document, found: tuple[Mark, ...], words: Words) -> Iterator[tuple[int, int, Text]]:
    """The text's lines (start, end, styled), with the number of each mark behind it."""
    by_number = {m.number: m for m in found}
    starts = dict(page_starts(document))
    for start, end, parts in line_pieces(document, found):
        line = Text()
        for piece in parts:
            if start < piece.start in starts:
                line.append(f"┊{words.said('page', starts[piece.start])}┊", "dim")
            said = document.text[piece.start : piece.end].translate(_VISIBLE)
            line.append(said, _style(by_number[piece.marks[0]]) if piece.marks else "")
            for number in reversed(piece.marks):
                if by_number[number].end == piece.end:
                    line.append(f"[{number}]", "dim")
        yield start, end, line


def line_pieces(document: Document, found: tuple[Mark, ...]) -> Iterator[tuple[int, int, list[Piece]]]:
    """Each line of the text (start, end without its newline) with the pieces it consists of."""
    start = 0
    parts: list[Piece] = []
    for piece in pieces(document, found, dict(page_starts(document))):
        at = piece.start
        for k, words in enumerate(document.text[piece.start : piece.end].split("\n")):
            if k:
                yield start, at - 1, parts
                start, parts = at, []
            if words:
                parts.append(msgspec.structs.replace(piece, start=at, end=at + len(words)))
            at += len(words) + 1
    yield start, len(document.text), parts


def note(mark: Mark, words: Words) -> Text:
    """One finding as a line of its own: what it is, what it resolved to, by which rule and parts, with its doubts."""
    out = Text("    ")
    out.append(f"[{mark.number}] ", "dim")
    out.append(" ".join(mark.text.split()), _style(mark))
    out.append(f"  {words.kind(mark.kind)}", "bold")
    if mark.value is not None and mark.value != mark.text:
        out.append(f" → {mark.value}")
    elif mark.value is None and mark.group == "deadline":
        out.append(f" → {words.said('unresolved')}", "yellow")
    if mark.details:
        out.append("  " + "；".join(words.detail(k, v) for k, v in mark.details), "dim")
    if mark.flags:
        out.append("  " + "；".join(f"⚠ {words.flag(f)}" for f in mark.flags), "yellow")
    out.append(f"  {words.said('rule')} {mark.rule}", "dim italic")
    saw = [(s.rule, "，".join(f"{words.part(k)} {v}" for k, v in s.parts) or s.text) for s in mark.steps]
    if saw and saw[0][0] == mark.rule:
        out.append(f"（{saw.pop(0)[1]}）", "dim italic")
    for rule, parts in saw:
        out.append(f" ← {rule}（{parts}）", "dim italic")
    out.plain = out.plain.translate(_VISIBLE)
    return out


def page_starts(document: Document) -> list[tuple[int, int]]:
    """(offset, page) where each page's text begins; empty for formats without pages."""
    out: list[tuple[int, int]] = []
    for block in document.blocks:
        page = block.anchor.page
        if page is not None and (not out or out[-1][1] != page):
            out.append((block.start, page))
    return out


def is_quiet(mark: Mark) -> bool:
    """Whether a time expression binds nobody: history, a cut-off, a scope."""
    return mark.group == "deadline" and (
        mark.kind in ("as_of", "past_event") or any(k == "subtype" for k, _ in mark.details)
    )


def _style(mark: Mark) -> str:
    return _QUIET if is_quiet(mark) else _STYLES[mark.group]


def _legend(found: tuple[Mark, ...], words: Words) -> list[tuple[str, str]]:
    counts: dict[str, int] = {}
    for mark in found:
        counts[mark.group] = counts.get(mark.group, 0) + 1
    out = [(f"{words.said('found')}  ", "")]
    for group, style in _STYLES.items():
        if group in counts:
            out.append((f"{words.group(group)} {counts[group]}  ", style))
    return out


def _ledger(extraction: Extraction, name: str, console: Console) -> None:
    from pipelines.cli_ledger import show_ledger

    for table in (to_contract(extraction, name)["ledger"] or {}).get("tables", []):
        show_ledger(console, table)
