"""Marked circulars: the text of an invented paper with what a reader found in it, in one file written by hand.

A file `NAME.marked` is a YAML head between two lines `---`, then the paper. In the paper `{words|label …}` marks an
expression, with several labels `{words|label …|label …}`:

* `{1200万元|cleared 1200e4}`, `{近3亿元|remaining 2.7e8..3e8}`: an amount, its role and yuan
* `{6月底前|due 2026-06-30}`, `{按月|recurring FREQ=MONTHLY}`, `{3月至5月|period 2026-03-01..2026-05-31}`,
  `{5月9日|past_event/doc_date 2026-05-09}`, `{限期|due -}`: a time expression, its kind, subtype and resolution
* `{市财政局|lead}`: a unit and its role
* `{《关于…的通知》（国办发〔2024〕1号）|ref 国办发〔2024〕1号}`: a reference that names a number
* `{定期|ignore}`, `{我局|ignore_unit}`: an expression of time or money, or a unit, neither right nor wrong to report

`python -m tests.gold.marked` writes `NAME.txt` and `NAME.json` (the shape of a gold record) beside every `NAME.marked`.
Marks sit in the text itself, so that no offset is counted by hand; whatever looks like a date or an amount and carries
no mark, and whatever the head says that the paper does not, is an error with its place.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "circulars"
# The papers that may be looked at, and each set kept apart from the writing of rules, known by its folder.
HALVES = ("tuning", *sorted(p.name for p in HERE.glob("untouched*") if any(p.glob("*.marked"))))

AMOUNTS = {"debt_total", "cleared", "remaining", "disputed", "undisputed", "new_debt", "other"}
DATES = {"due", "recurring", "period", "effective", "as_of", "past_event"}
SUBTYPES = {"", "past_period", "scope", "doc_date", "forecast", "past"}
UNITS = {"lead", "support", "responsible", "member", "recipient", "supervisor"}
HEAD = ("title", "issuer", "doc_number", "doc_type", "issued_date", "region_code", "recipients")

_MARK = re.compile(r"\{([^{}|]+)\|([^{}]+)\}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RULE = re.compile(r"(?:FREQ|WITHIN)=[A-Z0-9=;,+-]+")
# What no reader may pass over: it carries a mark, stands in 《》 or belongs to a document number.
_MONEY_LIKE = re.compile(
    r"[\d.,０-９]+(?:余|多)?(?:[万亿千]余?元|元|[万亿])|[零壹贰叁肆伍陆柒捌玖拾佰仟]{2,}[万亿元圆]"
)
_DATE_LIKE = re.compile(
    r"\d{1,4}\s?[年月日](?:底|末|初)?|每(?:半?月|季|周|年|日|天|旬|双周)|[按逐](?:月|季|周|日|旬)|[年月季旬]底"
    r"|(?:工作日|日|天|月|周|小时)内|[下本]月|[去今明]年|春节|国庆|元旦|即日|双周|半月|定期|限期|适时|近期|近日|近年来"
)
_QUOTED = re.compile(r"《[^《》]*(?:〈[^〉]*〉[^《》]*)*》|[〔\[（(]\d{4}[〕\]）)]|令第\d+号")


class MarkError(ValueError):
    """A marked file that cannot be right; the message names the file, the line and the words."""


def parse(source: str, name: str) -> tuple[str, dict[str, Any]]:
    """The paper without marks, and its gold record. Raises MarkError."""
    head, body = _split(source, name)
    text, labels = _unmark(body, name)
    record: dict[str, Any] = {"doc_id": name, "metadata": _metadata(head, text, name)}
    record |= {"amounts": [], "deadlines": [], "assignments": [], "refs": [], "ignore_spans": [], "ignore_units": []}
    for start, end, label in labels:
        kind, item = _item(text[start:end], start, end, label, name)
        record[kind].append(item)
    title = record["metadata"]["title"]
    covered = [(a, b) for a, b, _ in labels] + ([_where(title, text)] if title else [])
    _nothing_passed_over(text, covered, name)
    return text, record


def _split(source: str, name: str) -> tuple[dict[str, Any], str]:
    parts = source.split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise MarkError(f"{name}: the file must begin with a YAML head between two lines ---")
    head = yaml.safe_load(parts[1])
    if unknown := set(head) - set(HEAD):
        raise MarkError(f"{name}: unknown words in the head: {sorted(unknown)}")
    return head, parts[2]


def _unmark(body: str, name: str) -> tuple[str, list[tuple[int, int, str]]]:
    out: list[str] = []
    labels: list[tuple[int, int, str]] = []
    length = at = 0
    for m in _MARK.finditer(body):
        out.append(body[at : m.start()])
        length += m.start() - at
        labels += [(length, length + len(m[1]), label.strip()) for label in m[2].split("|")]
        out.append(m[1])
        length += len(m[1])
        at = m.end()
    out.append(body[at:])
    text = "".join(out)
    if bad := re.search(r"[{}|]", text):
        raise MarkError(f"{_place(text, bad.start(), name)}: a mark that does not close")
    return text, labels


def _item(words: str, start: int, end: int, label: str, name: str) -> tuple[str, dict[str, Any]]:
    what, _, value = label.partition(" ")
    kind, _, subtype = what.partition("/")
    place: dict[str, Any] = {"text": words, "start": start, "end": end}
    try:
        if what in AMOUNTS:
            return "amounts", {**place, "amount_yuan": _yuan(value), "role": what}
        if kind in DATES and subtype in SUBTYPES:
            dated = {**place, "kind": kind, "resolved": _resolved(value)}
            return "deadlines", dated | ({"subtype": subtype} if subtype else {})
        if what in UNITS and not value:
            return "assignments", {"unit": words, "start": start, "end": end, "role": what}
        if what == "ref" and value in words:
            return "refs", {"title": words, "doc_number": value or None, "start": start, "end": end}
        if what in ("ignore", "ignore_unit") and not value:
            return ("ignore_spans" if what == "ignore" else "ignore_units"), place
    except (ValueError, InvalidOperation) as e:
        raise MarkError(f"{name}: {words!r}: {label!r}: {e}") from e
    raise MarkError(f"{name}: {words!r}: {label!r} is no label")


def _yuan(value: str) -> int | float | list[int | float]:
    low, dots, high = value.partition("..")
    return [_number(low), _number(high)] if dots else _number(low)


def _number(value: str) -> int | float:
    exact = Decimal(value)
    return int(exact) if exact == int(exact) else float(exact)


def _resolved(value: str) -> str | list[str] | None:
    if value == "-":
        return None
    if _RULE.fullmatch(value):
        return value
    days = value.split("..")
    if len(days) > 2 or not all(_DAY.fullmatch(d) for d in days):
        raise ValueError("neither a day, nor two, nor a rule, nor -")
    return days if len(days) == 2 else days[0]


def _metadata(head: dict[str, Any], text: str, name: str) -> dict[str, Any]:
    packed = "".join(text.split())
    recipients = list(head.get("recipients") or [])
    issuers = str(head.get("issuer") or "").split("、")  # a joint paper has several
    for value in [head.get("title"), head.get("doc_number"), *issuers, *recipients]:
        if value and "".join(value.split()) not in packed:
            raise MarkError(f"{name}: the head says {value!r}, the paper does not")
    issued = head.get("issued_date")
    values = {k: head.get(k) for k in ("title", "issuer", "doc_number", "doc_type")}
    region = head.get("region_code")
    return values | {
        "issued_date": None if issued is None else str(issued),
        "recipients": recipients,
        "region_code": None if region is None else str(region),
    }


def _where(title: str, text: str) -> tuple[int, int]:
    """Where the title stands; its lines may be broken anywhere."""
    found = re.search(r"\s*".join(map(re.escape, "".join(title.split()))), text)
    return found.span() if found else (0, 0)


def _nothing_passed_over(text: str, marked: list[tuple[int, int]], name: str) -> None:
    covered = [*marked, *(m.span() for m in _QUOTED.finditer(text))]
    for pattern in (_MONEY_LIKE, _DATE_LIKE):
        for m in pattern.finditer(text):
            if not any(a < m.end() and m.start() < b for a, b in covered):
                raise MarkError(f"{_place(text, m.start(), name)}: {m[0]!r} carries no mark")


def _place(text: str, at: int, name: str) -> str:
    line = text.count("\n", 0, at) + 1
    return f"{name}, line {line} of the paper ({text[max(0, at - 12) : at + 12]!r})"


def dumps(record: dict[str, Any]) -> str:
    """A gold record as it is kept: one finding a line."""
    lines = [f' "doc_id": {json.dumps(record["doc_id"], ensure_ascii=False)}']
    lines.append(f' "metadata": {json.dumps(record["metadata"], ensure_ascii=False)}')
    for key in ("amounts", "deadlines", "assignments", "refs", "ignore_spans", "ignore_units"):
        items = ",\n".join("  " + json.dumps(x, ensure_ascii=False) for x in record[key])
        lines.append(f' "{key}": [\n{items}\n ]' if items else f' "{key}": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write text and record of every marked file; exit status 1 when one cannot be right."""
    wrong = 0
    for half in HALVES:
        for path in sorted((HERE / half).glob("*.marked")):
            try:
                text, record = parse(path.read_text(encoding="utf-8"), path.stem)
            except MarkError as e:
                print(f"{half}: {e}", file=sys.stderr)
                wrong += 1
                continue
            path.with_suffix(".txt").write_text(text, encoding="utf-8")
            path.with_suffix(".json").write_text(dumps(record), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
