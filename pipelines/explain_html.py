"""The marked text as one page of HTML that needs nothing else: no network, no script, every word escaped.

Text and findings stand side by side, paragraph by paragraph; boxes at the top choose which kinds are shown. The
document's own text is untrusted: it enters the page through `escape` only, and a policy forbids the page to load or
run anything.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape

from extractors.contract import Json, to_contract
from extractors.explain import Mark, marks
from extractors.process import Extraction
from pipelines.cli_explain import is_quiet, line_pieces, page_starts
from pipelines.explain_words import Words

_MAX_ROWS = 200
_GROUPS = ("metadata", "part", "amount", "deadline", "assignment", "ref", "statistic")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { --ink:#1f2328; --dim:#6b7280; --line:#e5e7eb; --paper:#fff; --desk:#f6f5f1;
  --metadata:#a16207; --part:#9a3412; --amount:#15803d; --deadline:#be185d; --assignment:#1d4ed8; --ref:#0e7490;
  --statistic:#4d7c0f; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6e6e6; --dim:#9ca3af; --line:#3a3f47; --paper:#1d2127;
  --desk:#14171b; --metadata:#eab308; --part:#fb923c; --amount:#4ade80; --deadline:#f472b6; --assignment:#7aa2f7;
  --ref:#22d3ee; --statistic:#a3e635; } }
* { box-sizing:border-box }
body { margin:0; background:var(--desk); color:var(--ink);
  font:15px/1.75 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif }
header { padding:1.2rem 2rem .8rem; background:var(--paper); border-bottom:1px solid var(--line);
  position:sticky; top:0; z-index:2 }
h1 { font-size:1.15rem; margin:0 0 .2rem; overflow-wrap:anywhere }
.about, .pages { color:var(--dim); font-size:.85rem; margin:0 }
.pages a { color:inherit; margin-right:.6em }
.choose { display:flex; flex-wrap:wrap; gap:.4rem 1.1rem; margin:.5rem 0 0; font-size:.88rem }
.choose label { cursor:pointer; white-space:nowrap }
.choose i { display:inline-block; width:.8em; height:.8em; border-radius:2px; margin-right:.35em;
  vertical-align:-.05em }
main { max-width:96rem; margin:1.2rem auto 4rem; padding:0 1.2rem }
.warn { background:#fef3c7; color:#78350f; border-radius:6px; padding:.4rem .9rem; margin:.3rem 0; font-size:.9rem }
.page { color:var(--dim); font-size:.8rem; border-top:1px dashed var(--line); margin:1rem 0 .3rem; padding-top:.2rem;
  scroll-margin-top:9rem }
.turn { color:var(--dim); font-size:.72rem; border:1px dashed var(--line); border-radius:4px; padding:0 .35em;
  margin:0 .25em; scroll-margin-top:9rem }
.row { display:grid; grid-template-columns:minmax(0,1fr) 27rem; gap:1.4rem }
.row > p { margin:0; padding:.25rem 1.3rem; background:var(--paper); white-space:pre-wrap; overflow-wrap:anywhere;
  tab-size:4 }
.row > aside { padding:.2rem 0 }
.blank > p { min-height:.8em; padding-top:0; padding-bottom:0 }
mark { background:color-mix(in srgb, var(--c) 16%, transparent); color:inherit; border-bottom:2px solid var(--c);
  border-radius:2px 2px 0 0; padding:0 .05em }
mark.quiet { border-bottom-style:dotted; background:color-mix(in srgb, var(--c) 7%, transparent) }
sup { line-height:0; font-size:.62rem }
sup a { color:var(--c); text-decoration:none; padding:0 .08em }
.metadata{--c:var(--metadata)} .part{--c:var(--part)} .amount{--c:var(--amount)} .deadline{--c:var(--deadline)}
.assignment{--c:var(--assignment)} .ref{--c:var(--ref)} .statistic{--c:var(--statistic)}
.note { border-left:3px solid var(--c); background:var(--paper); border-radius:0 5px 5px 0; margin:0 0 2px;
  padding:.1rem .6rem; font-size:.82rem; line-height:1.5; overflow-wrap:anywhere; scroll-margin-top:9rem;
  color:var(--dim) }
.note summary { cursor:pointer; color:var(--ink); list-style:none }
.note summary::-webkit-details-marker { display:none }
.note summary::after { content:" ›"; color:var(--dim) }
.note[open] summary::after { content:" ⌄" }
.note:target, mark:target { outline:2px solid var(--c) }
.note .n { color:var(--dim); font-size:.75rem; margin-right:.3em }
.note b { color:var(--c); font-weight:600; margin-right:.4em }
.note ol { margin:.1rem 0 .2rem; padding-left:1.3rem } .note code { color:var(--ink) }
.doubt { color:#b45309 }
h2 { font-size:1.02rem; margin:1.4rem 0 .2rem }
code { font:.92em ui-monospace,"DejaVu Sans Mono",monospace }
table { border-collapse:collapse; background:var(--paper); font-size:.85rem; margin:.5rem 0 1.4rem }
th, td { border:1px solid var(--line); padding:.2rem .55rem; text-align:left; vertical-align:top }
th small { display:block; color:var(--dim); font-weight:400 } .wide { overflow-x:auto }
@media (max-width:60rem) { .row { grid-template-columns:1fr; gap:0 } header { position:static } }
@media print { header { position:static } .choose { display:none } .row { break-inside:avoid } }
"""


def page(extraction: Extraction, name: str, words: Words) -> str:
    """The whole page for one file that was read."""
    assert extraction.document is not None
    assert extraction.facts is not None
    document, found = extraction.document, marks(extraction.facts)
    hide = "".join(
        f"body:has(#show-{g}:not(:checked)) :is(.note.{g},sup.{g}){{display:none}}"
        f"body:has(#show-{g}:not(:checked)) mark.{g}{{background:none;border-color:transparent}}"
        for g in _GROUPS
    )
    title = escape(name)
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{"zh-CN" if words.language == "zh" else "en"}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}{hide}</style></head><body>",
            _header(extraction, title, found, words),
            "<main>",
            *(f'<p class="warn">{escape(n.message)}</p>' for n in document.notices),
            *([] if found or extraction.facts.ledger else [f"<p>{escape(words.said('nothing'))}</p>"]),
            *_ledgers(extraction, name, words),
            *_rows(extraction, found, words),
            "</main></body></html>",
            "",
        ]
    )


def _header(extraction: Extraction, title: str, found: tuple[Mark, ...], words: Words) -> str:
    assert extraction.document is not None
    document = extraction.document
    boxes = "".join(
        f'<label class="{g}"><input type="checkbox" id="show-{g}" checked> <i style="background:var(--c)"></i>'
        f"{escape(words.group(g))} {count}</label>"
        for g in _GROUPS
        if (count := sum(m.group == g for m in found))
    )
    starts = page_starts(document)
    links = "".join(f'<a href="#page-{p}">{p}</a>' for _, p in starts)
    pages = f'<p class="pages">{escape(words.said("pages"))} {links}</p>' if starts else ""
    about = f"{document.format} · {len(document.text):,} · {extraction.status} · {document.sha256[:12]}"
    return (
        f'<header><h1>{title}</h1><p class="about">{escape(about)}</p>{pages}'
        f'<div class="choose" title="{escape(words.said("legend"))}">{boxes}</div></header>'
    )


def _rows(extraction: Extraction, found: tuple[Mark, ...], words: Words) -> list[str]:
    """Text and notes side by side, a row for each line."""
    assert extraction.document is not None
    document = extraction.document
    by_number = {m.number: m for m in found}
    starts = dict(page_starts(document))
    out: list[str] = []
    for start, end, parts in line_pieces(document, found):
        if start in starts:
            out.append(f'<div class="page" id="page-{starts[start]}">{escape(words.said("page", starts[start]))}</div>')
        line: list[str] = []
        here: list[Mark] = []
        for piece in parts:
            if start < piece.start in starts:
                number = starts[piece.start]
                line.append(f'<span class="turn" id="page-{number}">{escape(words.said("page", number))}</span>')
            said = escape(document.text[piece.start : piece.end])
            over = [by_number[n] for n in piece.marks]
            if over:
                line.append(f'<mark class="{over[0].group}{" quiet" if is_quiet(over[0]) else ""}">{said}</mark>')
            else:
                line.append(said)
            line += [_number(m) for m in reversed(over) if m.end == piece.end]
            here += [m for m in over if m.start == piece.start]
        notes = "".join(_note(m, words) for m in sorted(here, key=lambda m: m.number))
        blank = "" if document.text[start:end].strip() else " blank"
        out.append(f'<div class="row{blank}"><p>{"".join(line)}</p><aside>{notes}</aside></div>')
    return out


def _number(mark: Mark) -> str:
    return f'<sup class="{mark.group}"><a href="#n{mark.number}">{mark.number}</a></sup>'


def _note(mark: Mark, words: Words) -> str:
    """One finding on a line: what it is and what it resolved to; further fields, doubts and derivation unfold."""
    value = escape(mark.value) if mark.value is not None else ""
    if mark.value is None and mark.group == "deadline":
        value = f'<span class="doubt">{escape(words.said("unresolved"))}</span>'
    more = "".join(f"<div>{escape(words.detail(k, v))}</div>" for k, v in mark.details)
    doubts = "".join(f'<div class="doubt">⚠ {escape(words.flag(f))}</div>' for f in mark.flags)
    steps = "".join(
        f"<li><code>{escape(s.rule)}</code> “{escape(s.text)}”"
        + (f"：{escape('，'.join(f'{words.part(k)} {v}' for k, v in s.parts))}" if s.parts else "")
        + "</li>"
        for s in mark.steps
    )
    return (
        f'<details class="note {mark.group}" id="n{mark.number}"><summary><span class="n">{mark.number}</span>'
        f"<b>{escape(words.kind(mark.kind))}</b>{escape(' '.join(mark.text.split()))}"
        + (f" → {value}" if value and mark.value != mark.text else "")
        + (' <span class="doubt">⚠</span>' if mark.flags else "")
        + f"</summary>{doubts}{more}<div>{escape(words.said('rule'))} <code>{escape(mark.rule)}</code></div>"
        + (f"<ol>{steps}</ol>" if steps else "")
        + "</details>"
    )


def _ledgers(extraction: Extraction, name: str, words: Words) -> list[str]:
    """The ledger tables of a file: every column with the field it became, its rows, its doubts."""
    out: list[str] = []
    for table in (to_contract(extraction, name)["ledger"] or {}).get("tables", []):
        head = " · ".join(str(table[k]) for k in ("title", "sheet", "reporting_unit", "unit", "as_of") if table.get(k))
        out.append(f"<h2>{escape(words.said('ledger'))}：{escape(head or words.said('untitled'))}</h2>")
        out += [f'<p class="warn">{escape(f["message"] or f["kind"])}</p>' for f in table["flags"]]
        out.append(_ledger_table(table, words))
        if (left := len(table["rows"]) - _MAX_ROWS) > 0:
            out.append(f'<p class="about">{escape(words.said("more_rows", left))}</p>')
    return out


def _ledger_table(table: Json, words: Words) -> str:
    columns = [c for c in table["columns"] if c["field"]]
    head = "".join(
        f"<th>{escape(c['header'])}<small>{escape(' · '.join(filter(None, (c['field'], c['unit']))))}</small></th>"
        for c in columns
    )
    body: list[str] = []
    for row in table["rows"][:_MAX_ROWS]:
        cells = "".join(f"<td>{escape(_cell(row.get(c['field'])))}</td>" for c in columns)
        doubts = "；".join(f["message"] or f["kind"] for f in row["flags"])
        body.append(f"<tr><td>{row['row']}</td>{cells}<td class='doubt'>{escape(doubts)}</td></tr>")
    return (
        f'<div class="wide"><table><thead><tr><th>{escape(words.said("row"))}</th>{head}'
        f"<th>{escape(words.said('flags'))}</th></tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " – ".join(_cell(v) for v in value)
    return f"{value:,}" if isinstance(value, Decimal) else str(value)
