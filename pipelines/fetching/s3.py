"""Buckets of S3 compatible stores, through fsspec's s3fs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.secrets import reveal
from pipelines.fetching.store import Entry, deliver_from
from pipelines.source_schema import MIB, S3Source


def deliver(source: S3Source, pull: Pull) -> Iterator[Delivery]:
    """The objects of the bucket under the prefix."""
    keys = {
        "key": reveal(source.access_key, source.name, "access_key"),
        "secret": reveal(source.secret_key, source.name, "secret_key"),
    }
    yield from deliver_from(lambda: _S3(source, keys), source, pull, lambda e: f"s3://{e.location}")


class _S3:
    """A connected store."""

    def __init__(self, source: S3Source, keys: dict[str, str]) -> None:
        from s3fs import S3FileSystem

        self.source = source
        client: dict[str, Any] = {"region_name": source.region} if source.region else {}
        if source.ca_file:
            client["verify"] = source.ca_file
        timeout = source.limits.timeout_seconds
        with _typed(source):
            self.fs = S3FileSystem(
                **keys, endpoint_url=source.endpoint_url, client_kwargs=client, skip_instance_cache=True,
                use_listings_cache=False,
                config_kwargs={"connect_timeout": timeout, "read_timeout": timeout, "retries": {"max_attempts": 0}},
            )  # fmt: skip
            self.fs.retries = 1  # we try again ourselves, with pauses and a limit

    def entries(self) -> list[Entry]:
        """All objects under the prefix; markers of folders are left out."""
        with _typed(self.source):
            found = self.fs.find(f"{self.source.bucket}/{self.source.prefix}", detail=True, withdirs=False)
        out = []
        for location, about in sorted(found.items()):
            path = location.removeprefix(f"{self.source.bucket}/")
            if about.get("type") != "file" or path.endswith("/"):
                continue
            etag = str(about.get("ETag", "")).strip('"')
            changed = about.get("LastModified")
            size = int(about["size"])
            out.append(
                Entry(
                    path=path,
                    location=location,
                    size=size,
                    token=etag or f"{size}:{changed}",
                    # the ETag of a simple upload is the MD5; one of parts has a dash, an encrypted one another length
                    md5=etag if re.fullmatch(r"[0-9a-f]{32}", etag) else None,
                    headers={"etag": etag, "last-modified": str(changed)},
                )
            )
        return out

    @contextmanager
    def open(self, entry: Entry) -> Iterator[IO[bytes]]:
        """The object for reading, by ranges."""
        with _typed(self.source), self.fs.open(entry.location, "rb", block_size=MIB, cache_type="readahead") as f:
            yield f

    def close(self) -> None:
        """Nothing to hang up: the client's connections end with it."""


@contextmanager
def _typed(source: S3Source) -> Iterator[None]:
    """Whatever the library throws, as one of our two kinds."""
    from aiohttp import ClientError as LineError
    from botocore.exceptions import BotoCoreError, ClientError

    where = f"{source.endpoint_url or 's3'}/{source.bucket}"
    try:
        yield
    except (TransientError, PermanentError):
        raise
    except FileNotFoundError as e:
        raise PermanentError("not_found", f"{where} 不存在，或其中的文件已移走；请核对 bucket 和 prefix") from e
    except PermissionError as e:
        raise PermanentError("login_refused", f"{where} 拒绝访问；请核对 access_key、secret_key 和权限") from e
    except (OSError, BotoCoreError, ClientError, LineError, TimeoutError) as e:
        raise TransientError("broken_off", f"{where} 连接不上或中断（{type(e).__name__}）") from e
