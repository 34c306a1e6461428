"""Sending files that were made for the reader."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}


def attachment(data: bytes, plain_name: str, name: str) -> Response:
    """A file to keep, never shown by the browser; `plain_name` is for programs that know ASCII only."""
    kind = plain_name.rpartition(".")[2]
    return Response(
        data,
        headers={
            "Content-Type": _TYPES.get(kind, "application/octet-stream"),
            "Content-Disposition": f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "no-store",
        },
    )
