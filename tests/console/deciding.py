"""Deciding over HTTP in tests: what a browser would send from the pages as they are."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from warehouse.access import connect
from warehouse.decisions import Decision, decisions
from warehouse.publish import warehouse_path
from warehouse.state import open_state


def findings(home: Path) -> list[dict[str, Any]]:
    """Every finding of the published warehouse with its file's path and region."""
    with connect(warehouse_path(home)) as con:
        found = con.execute(
            "SELECT f.*, d.path, d.region_code AS document_region FROM core.findings f "
            "LEFT JOIN core.documents d USING (document_id) ORDER BY f.rule, f.finding_id"
        )
        names = [d[0] for d in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def of_rule(home: Path, rule: str) -> dict[str, Any]:
    """The first finding of a rule."""
    return next(f for f in findings(home) if f["rule"] == rule)


def kept(home: Path) -> list[Decision]:
    """Every decision."""
    with open_state(home) as state:
        return decisions(state)


def logged(home: Path, action: str) -> int:
    """How many records of an action the audit log has."""
    with open_state(home) as state:
        row = state.db.execute("SELECT count(*) FROM audit_log WHERE action = ?", (action,)).fetchone()
        return int(row[0])


def form_of(html: str, target: str) -> dict[str, str]:
    """The hidden fields of the form whose action holds `target`."""
    found = re.search(rf'<form[^>]*action="([^"]*{re.escape(target)}[^"]*)"[^>]*>(.*?)</form>', html, re.S)
    assert found, f"no form for {target}"
    fields = {"@action": unescape(found.group(1))}
    for tag in re.findall(r"<input[^>]*>", found.group(2)):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="hidden"' in tag:
            fields[unescape(name.group(1))] = unescape(value.group(1)) if value else ""
    return fields


def send(browser: httpx.Client, form: dict[str, str], **fields: str) -> httpx.Response:
    """Send a form with some fields filled."""
    data = {k: v for k, v in form.items() if k != "@action"}
    return browser.post(form["@action"], data={**data, **fields})
