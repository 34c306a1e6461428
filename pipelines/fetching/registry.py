"""One connector for each kind of source. A new kind: a struct in `source_schema`, a connector, a line here.

Connectors are imported when a source of their kind is pulled: each brings a library of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

from pipelines.fetching.delivery import Delivery, Pull
from pipelines.source_schema import Source

_CONNECTORS = {
    "folder": "pipelines.fetching.folder",
    "http": "pipelines.fetching.http",
    "sftp": "pipelines.fetching.sftp",
    "s3": "pipelines.fetching.s3",
    "imap": "pipelines.fetching.mail",
}


def deliveries(source: Source, pull: Pull) -> Iterator[Delivery]:
    """What a source shows tonight, its new bytes fetched.

    Raises TransientError, PermanentError, SourceError, or OSError (a folder that is gone) when the source as a whole
    cannot be pulled.
    """
    deliver: Callable[[Source, Pull], Iterator[Delivery]]
    deliver = importlib.import_module(_CONNECTORS[source.kind]).deliver
    return deliver(source, pull)
