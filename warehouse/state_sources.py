"""Sources in the state store: what was fetched from where and when, and how each source is doing."""

from __future__ import annotations

import datetime as dt

import msgspec

from warehouse.state import State, utc


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One fetch of one item: where it came from, which bytes it gave, what makes it known again.

    `token` changes when the item does (ETag, size and time, UID); `headers` are those of interest; `links` the
    addresses of attachments that an article named.
    """

    source: str
    path: str
    url: str
    file_id: str
    size: int
    token: str | None
    headers: dict[str, str]
    links: tuple[str, ...]
    first_fetched_at: dt.datetime
    fetched_at: dt.datetime


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How a source is doing. `failures` are nights in a row; while `aside_until` lies ahead it is not asked."""

    source: str
    failures: int = 0
    failing_since: dt.datetime | None = None
    error_code: str | None = None
    error: str | None = None
    aside_until: dt.datetime | None = None
    last_ok_at: dt.datetime | None = None
    last_new_at: dt.datetime | None = None
    cursor: str | None = None


_FETCHED = "source, path, url, file_id, size, token, headers, links, first_fetched_at, fetched_at"
_HEALTH = "source, failures, failing_since, error_code, error, aside_until, last_ok_at, last_new_at, cursor"


def fetched(state: State, source: str) -> dict[str, Fetched]:
    """The latest fetch of every item of a source, by path."""
    rows = state.db.execute(
        f"SELECT {_FETCHED} FROM fetched WHERE source = ? ORDER BY path, fetched_at",  # noqa: S608 - own text
        (source,),
    )
    return {r[1]: _fetched(r) for r in rows}


def fetches_of(state: State, file_id: str) -> list[Fetched]:
    """Every place that these bytes were fetched from, in order of time."""
    rows = state.db.execute(
        f"SELECT {_FETCHED} FROM fetched WHERE file_id = ? ORDER BY fetched_at, source, path",  # noqa: S608
        (file_id,),
    )
    return [_fetched(r) for r in rows]


def keep_fetched(state: State, record: Fetched) -> None:
    """Record a fetch; the first time of the same bytes at the same place is kept."""
    state.db.execute(
        f"INSERT INTO fetched ({_FETCHED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
        "ON CONFLICT (source, path, file_id) DO UPDATE SET url = excluded.url, token = excluded.token, "
        "headers = excluded.headers, links = excluded.links, "
        "fetched_at = excluded.fetched_at",
        (
            record.source,
            record.path,
            record.url,
            record.file_id,
            record.size,
            record.token,
            msgspec.json.encode(record.headers).decode(),
            msgspec.json.encode(record.links).decode(),
            utc(record.first_fetched_at),
            utc(record.fetched_at),
        ),
    )


def _fetched(r: tuple[str, str, str, str, int, str | None, str, str, str, str]) -> Fetched:
    return Fetched(
        source=r[0],
        path=r[1],
        url=r[2],
        file_id=r[3],
        size=r[4],
        token=r[5],
        headers=msgspec.json.decode(r[6], type=dict[str, str]),
        links=msgspec.json.decode(r[7], type=tuple[str, ...]),
        first_fetched_at=dt.datetime.fromisoformat(r[8]),
        fetched_at=dt.datetime.fromisoformat(r[9]),
    )


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A source's configuration as it was last in order: the name of its file, the source's name, the whole as JSON."""

    file: str
    name: str
    content: str


def source_files(state: State) -> dict[str, SourceFile]:
    """The configurations last in order, by file."""
    rows = state.db.execute("SELECT file, name, content FROM source_files ORDER BY file")
    return {r[0]: SourceFile(file=r[0], name=r[1], content=r[2]) for r in rows}


def keep_source_file(state: State, found: SourceFile, *, now: dt.datetime) -> None:
    """Keep a configuration that is in order, should its file be broken later."""
    state.db.execute(
        "INSERT INTO source_files VALUES (?1, ?2, ?3, ?4) ON CONFLICT (file) DO UPDATE SET name = excluded.name, "
        "content = excluded.content, kept_at = excluded.kept_at WHERE source_files.content <> excluded.content",
        (found.file, found.name, found.content, utc(now)),
    )


def health(state: State, source: str) -> Health:
    """How a source is doing; one never pulled is as good as well."""
    return next((h for h in all_health(state) if h.source == source), Health(source=source))


def all_health(state: State) -> list[Health]:
    """Every source that was ever pulled, by name."""

    def moment(value: str | None) -> dt.datetime | None:
        return None if value is None else dt.datetime.fromisoformat(value)

    rows = state.db.execute(f"SELECT {_HEALTH} FROM source_health ORDER BY source")  # noqa: S608 - own text
    return [
        Health(
            source=r[0],
            failures=r[1],
            failing_since=moment(r[2]),
            error_code=r[3],
            error=r[4],
            aside_until=moment(r[5]),
            last_ok_at=moment(r[6]),
            last_new_at=moment(r[7]),
            cursor=r[8],
        )
        for r in rows
    ]


def source_was_well(state: State, source: str, *, brought_new: bool, cursor: str | None, now: dt.datetime) -> None:
    """A pull came to its end: nothing of an earlier failure stands any more."""
    _ensure(state, source)
    state.db.execute(
        "UPDATE source_health SET failures = 0, failing_since = NULL, error_code = NULL, error = NULL, "
        "aside_until = NULL, last_ok_at = ?1, last_new_at = CASE WHEN ?2 THEN ?1 ELSE last_new_at END, "
        "cursor = coalesce(?3, cursor) WHERE source = ?4",
        (utc(now), brought_new, cursor, source),
    )


def source_failed(
    state: State, source: str, *, code: str, message: str, set_aside_after: int, pause: dt.timedelta, now: dt.datetime
) -> Health:
    """A pull failed; from the `set_aside_after`th in a row on, the source is left alone for `pause`."""
    with state.transaction():
        _ensure(state, source)
        failures = health(state, source).failures + 1
        aside = utc(now + pause) if failures >= set_aside_after else None
        state.db.execute(
            "UPDATE source_health SET failures = ?, failing_since = coalesce(failing_since, ?), error_code = ?, "
            "error = ?, aside_until = ? WHERE source = ?",
            (failures, utc(now), code, message, aside, source),
        )
        return health(state, source)


def ask_again(state: State, source: str) -> bool:
    """Let a source that was set aside be pulled in the next night; False when it was not."""
    done = state.db.execute(
        "UPDATE source_health SET aside_until = NULL WHERE source = ? AND aside_until IS NOT NULL", (source,)
    )
    return bool(done.rowcount)


def _ensure(state: State, source: str) -> None:
    state.db.execute("INSERT INTO source_health (source) VALUES (?) ON CONFLICT (source) DO NOTHING", (source,))
