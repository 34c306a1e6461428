"""What a reader asks of the queue: filters from the address, carried along from finding to finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from console.reading import Reader
from console.roles import User, region_prefix
from warehouse.queue_index import QueueIndex
from warehouse.review_pages import Queue, Wanted, published_since
from warehouse.settling import Settled
from warehouse.state import State
from warehouse.tables import FINDING_STATUSES, SEVERITIES

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters, and the query string that repeats them."""

    wanted: Wanted
    params: dict[str, str]

    @property
    def query(self) -> str:
        """As `?severity=warn`; empty for none."""
        return f"?{urlencode(self.params)}" if self.params else ""

    def link(self, path: str, **more: str | int | None) -> str:
        """A path with the filters and some more parameters."""
        params = {**self.params, **{k: str(v) for k, v in more.items() if v is not None}}
        return f"{path}?{urlencode(params)}" if params else path

    def without(self, name: str) -> Asked:
        """The same without one filter."""
        return filters({k: v for k, v in self.params.items() if k != name})

    def within(self, cause: str) -> Asked:
        """The same within one cause."""
        return filters({**self.params, "cause": cause})


def asked(request: Request) -> Asked:
    """The filters of a request."""
    return filters(request.query_params)


def filters(params: Mapping[str, str]) -> Asked:
    """The filters that parameters ask for; what is no known value is left out."""
    given = {k: v.strip()[:_LONGEST] for k, v in params.items() if v.strip()}
    kept: dict[str, str] = {k: given[k] for k in ("rule", "document", "text", "cause") if k in given}
    if given.get("severity") in SEVERITIES:
        kept["severity"] = given["severity"]
    if given.get("status") in (*FINDING_STATUSES, "any"):
        kept["status"] = given["status"]
    if (region := given.get("region", "")).isascii() and region.isdigit() and len(region) <= 6:
        kept["region"] = region
    status = kept.get("status", "open")
    wanted = Wanted(
        status=None if status == "any" else status,
        severity=kept.get("severity"),
        rule=kept.get("rule"),
        document_id=kept.get("document"),
        region=region_prefix(kept["region"]) if kept.get("region") else None,
        text=kept.get("text"),
        cause=kept.get("cause"),
    )
    return Asked(wanted, kept)


def queue_of(request: Request, q: Reader) -> Queue:
    """The queue as the user of a request may see it, with the decisions taken since the night."""
    with request.app.state.store.open() as store:
        return queue_for(q, store, request.state.user)


def queue_for(q: Reader, store: State, user: User) -> Queue:
    """The same for a user; what the day's decisions settled is kept with the publication, for everybody."""
    settled = settled_of(q)
    return Queue(q.connection, settled.index, settled.now(store), regions_of(user))


def settled_of(q: Reader) -> Settled:
    """What the day settles in a publication's queue, and the index of it."""
    return q.cached(("review.settled",), lambda: Settled(QueueIndex(q.connection), published_since(q.connection)))


def regions_of(user: User) -> tuple[str, ...]:
    """The beginnings of region codes that a user sees; none for all."""
    return tuple(region_prefix(r) for r in user.regions)
