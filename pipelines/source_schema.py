"""What a source's YAML may say: one struct for each kind of source. The JSON Schema for editors is made from these.

Unknown keys are refused everywhere (`forbid_unknown_fields`), so a key that is misspelt is never silently without
effect. Every key has its meaning in `Meta(description=…)`: the editor shows it, and docs/sources.md is checked
against it.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

DEFAULT_IGNORE = ("~$*", ".*", "*.part", "*.tmp", "*.crdownload", "Thumbs.db", "desktop.ini")
MIB = 1024 * 1024

Cadence = Literal["nightly", "weekly", "monthly", "quarterly"]
Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=0)]


class SourceError(Exception):
    """A source's YAML, example or secret is wrong; the message names the file, the place and what to change."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group of keys inside a source."""


class Secret(Part, frozen=True, kw_only=True):
    """A secret that is never written into the YAML: the name of an environment variable, or of a file of mode 0600."""

    env: Annotated[str | None, Meta(description="environment variable that holds it")] = None
    file: Annotated[str | None, Meta(description="file that holds it; refused unless only its owner can read it")] = (
        None
    )


class Expected(Part, frozen=True, kw_only=True):
    """What reading an example must give; a key that is left out is not looked at."""

    status: Annotated[Literal["ok", "partial", "failed"] | None, Meta(description="how reading it ends")] = None
    error: Annotated[str | None, Meta(description="code of the error when it fails")] = None
    format: Annotated[str | None, Meta(description="format by content, such as docx")] = None
    kind: Annotated[str | None, Meta(description="circular, ledger, disclosure, …")] = None
    title: Annotated[str | None, Meta(description="title of the document, exactly")] = None
    doc_number: Annotated[str | None, Meta(description="document number, exactly")] = None
    rows: Annotated[Count | None, Meta(description="ledger rows over all tables")] = None
    fields: Annotated[
        tuple[str, ...] | None, Meta(description="canonical fields that the header gave, all of them")
    ] = None
    values: Annotated[
        dict[str, tuple[str, ...]] | None, Meta(description="canonical field → its values, one for each ledger row")
    ] = None
    units: Annotated[tuple[str, ...] | None, Meta(description="full names of the units charged, each once")] = None
    deadlines: Annotated[Count | None, Meta(description="number of time expressions")] = None
    links: Annotated[tuple[str, ...] | None, Meta(description="addresses of articles on a listing page, in order")] = (
        None
    )
    attachments: Annotated[tuple[str, ...] | None, Meta(description="addresses of attachments on an article page")] = (
        None
    )
    next_page: Annotated[str | None, Meta(description="address of the page after a listing page")] = None


class Example(Part, frozen=True, kw_only=True):
    """A file kept beside the YAML and what must come of it; `qingqian source check` runs it without any network."""

    file: Annotated[Text, Meta(description="path of the example, from the YAML's folder")]
    expect: Annotated[Expected, Meta(description="what must come of it")]
    url: Annotated[str | None, Meta(description="the page's address, for a saved listing or article page")] = None
    page: Annotated[
        Literal["listing", "article"] | None, Meta(description="which selectors to try on it; none: read as a document")
    ] = None


class Expectations(Part, frozen=True, kw_only=True):
    """Bounds of a normal night. A breach is told in the morning; it stops nothing."""

    min_files: Annotated[Count | None, Meta(description="fewest files that the source shows")] = None
    max_files: Annotated[Count | None, Meta(description="most files that the source shows")] = None
    min_bytes: Annotated[Count | None, Meta(description="no file is smaller than this")] = None
    endings: Annotated[tuple[str, ...] | None, Meta(description="every file's name ends with one of these")] = None


class Limits(Part, frozen=True, kw_only=True):
    """How hard a source is pulled, and when it is given a rest."""

    max_files: Annotated[int, Meta(ge=1, description="most files fetched in a night; the rest waits")] = 2_000
    max_file_bytes: Annotated[int, Meta(ge=1, description="a longer file is not fetched")] = 100 * MIB
    max_total_bytes: Annotated[int, Meta(ge=1, description="most bytes fetched in a night")] = 4096 * MIB
    timeout_seconds: Annotated[float, Meta(gt=0, description="longest silence of the other side")] = 30.0
    attempts: Annotated[int, Meta(ge=1, le=20, description="tries for one file in a night")] = 4
    max_wait_seconds: Annotated[float, Meta(ge=0, description="longest pause between tries, Retry-After included")] = (
        120.0
    )
    set_aside_after: Annotated[int, Meta(ge=1, description="nights failed in a row before the source is set aside")] = 3
    pause_hours: Annotated[float, Meta(ge=0, description="how long a source that was set aside is left alone")] = 24.0


class Reporter(Part, frozen=True, kw_only=True):
    """A unit that is to report through this source, and by when; what does not come is told, never taken as zero."""

    unit: Annotated[Text, Meta(description="who reports, as its ledgers name it")]
    since: Annotated[dt.date, Meta(description="any day of the first period")]
    cadence: Annotated[
        Literal["monthly", "quarterly", "yearly"], Meta(description="how long a period is")
    ] = "monthly"  # fmt: skip
    about: Annotated[
        Literal["arrears", "disclosure", "complaint", "dispatch", "ranking"], Meta(description="what it reports on")
    ] = "arrears"
    region_code: (
        Annotated[str, Meta(pattern=r"^\d{6}$", description="its region, for ledgers that name no unit")] | None
    ) = None
    due_day: Annotated[int, Meta(ge=1, le=31, description="day of the month by which it reports")] = 5
    due_month: Annotated[
        int, Meta(ge=0, le=12, description="how many months after the period's last; 0 the same, 3 for 31 March")
    ] = 1
    until: Annotated[dt.date | None, Meta(description="last day on which a period may end")] = None
    if_silent: Annotated[str | None, Meta(description="what the circular says of not reporting; only noted")] = None


class Silence(Part, frozen=True, kw_only=True):
    """A rule whose findings in this source wait for nobody, with the reason, which is shown beside them."""

    rule: Annotated[Text, Meta(description="name of a rule that warns or notes; what stops data cannot be silenced")]
    reason: Annotated[str, Meta(min_length=4, description="why, in words that an auditor will read")]
    field: Annotated[str | None, Meta(description="only on this column")] = None
    until: Annotated[dt.date | None, Meta(description="last day on which it holds")] = None


class Thresholds(Part, frozen=True, kw_only=True):
    """Bounds of a normal ledger of this source: fewer rows than the least fails, more than the most warns."""

    min_rows: Annotated[Count | None, Meta(description="a detail ledger with fewer rows is stopped")] = None
    max_rows: Annotated[Count | None, Meta(description="a detail ledger with more rows is told")] = None
    max_shares: Annotated[
        dict[str, Annotated[float, Meta(ge=0, le=1)]],
        Meta(description="rule → share of a file's rows that may fail it before that is told"),
    ] = {}  # fmt: skip


class Common(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"
):
    """The keys that every source has."""

    name: Annotated[
        str,
        Meta(min_length=1, max_length=60, pattern=r"^[^/\\\x00-\x20]+$", description="a short stable word; it is part "
             "of the ids of debts, so never rename it"),
    ]  # fmt: skip
    title: Annotated[str, Meta(description="what people call it, for messages")] = ""
    cadence: Annotated[Cadence, Meta(description="how often something is expected")] = "nightly"
    ignore: Annotated[
        tuple[str, ...], Meta(description="patterns of file names to leave alone, each recorded with the reason")
    ] = DEFAULT_IGNORE
    region_code: (
        Annotated[
            str, Meta(pattern=r"^\d{6}$", description="GB/T 2260 code where everything of this source comes from")
        ]
        | None
    ) = None
    header_map: Annotated[
        dict[str, str], Meta(description="this source's own ledger headers → canonical field")
    ] = {}  # fmt: skip
    lookups: Annotated[
        dict[str, dict[str, str]],
        Meta(description="canonical field, or `units` → this source's own words → what they stand for"),
    ] = {}  # fmt: skip
    expectations: Annotated[Expectations, Meta(description="bounds of a normal night")] = Expectations()
    roster: Annotated[tuple[Reporter, ...], Meta(description="units that report through this source, and when")] = ()
    silence: Annotated[tuple[Silence, ...], Meta(description="rules that are silent here, and why")] = ()
    thresholds: Annotated[Thresholds, Meta(description="bounds of a normal ledger")] = Thresholds()
    examples: Annotated[tuple[Example, ...], Meta(description="files and what must come of them")] = ()
    limits: Annotated[Limits, Meta(description="how hard it is pulled, and when it is given a rest")] = Limits()

    @property
    def kind(self) -> str:
        """The word after `kind:`."""
        return str(type(self).__struct_config__.tag)

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return self.title or self.name


class FolderSource(Common, frozen=True, kw_only=True, tag="folder"):
    """A local folder or a mounted share (SMB, NFS), read with all below it."""

    path: Annotated[
        Text, Meta(description="absolute, or from the home folder; `${NAME}` takes an environment variable")
    ]
    settle_seconds: Annotated[
        float, Meta(ge=0, description="leave a file for the next night while it changed less than this long ago")
    ] = 0.0
    watch_seconds: Annotated[
        float,
        Meta(ge=0, le=600, description="look twice, this far apart, and take only what stayed the same; for shares "
             "whose clock is not ours"),
    ] = 0.0  # fmt: skip

    def folder(self, home: Path) -> Path:
        """The folder to pull from; relative paths start at the home folder."""
        path = Path(filled(self.path, self.name)).expanduser()
        return path if path.is_absolute() else home / path


class Select(Part, frozen=True, kw_only=True):
    """Where things stand on a site's pages, as CSS selectors."""

    item: Annotated[Text, Meta(description="one entry of a listing page")]
    link: Annotated[str, Meta(description="the link to the article, inside an entry")] = "a[href]"
    date: Annotated[str | None, Meta(description="the publication date, inside an entry")] = None
    next_page: Annotated[str | None, Meta(description="the link to the next listing page")] = None
    content: Annotated[
        str | None, Meta(description="what every true article page has; a page without it is refused")
    ] = None
    attachments: Annotated[str | None, Meta(description="links to attachments on an article page")] = None


class HttpSource(Common, frozen=True, kw_only=True, tag="http"):
    """Listing pages of a public web site: the articles they name and those articles' attachments."""

    listing: Annotated[tuple[Text, ...], Meta(min_length=1, description="addresses of the listing pages")]
    select: Annotated[Select, Meta(description="where things stand on the pages")]
    hosts: Annotated[
        tuple[str, ...],
        Meta(description="further hosts that links and redirects may lead to; always the listings' own"),
    ] = ()
    max_pages: Annotated[int, Meta(ge=1, description="listing pages looked through in a night")] = 5
    refresh_days: Annotated[
        int, Meta(ge=0, description="ask again (conditionally) whether an article changed until it is this old")
    ] = 30
    delay_seconds: Annotated[float, Meta(ge=0, description="pause between two requests to the site")] = 2.0
    robots: Annotated[bool, Meta(description="obey robots.txt; false only with the owner's written leave")] = True
    allow_private: Annotated[
        bool, Meta(description="the site is on our own network: addresses such as 10.0.0.8 are allowed")
    ] = False
    user_agent: Annotated[str, Meta(description="how we introduce ourselves; give a contact")] = (
        "qingqian/1 (arrears document collection)"
    )
    ca_file: Annotated[str | None, Meta(description="certificate authority of the site, a PEM file")] = None
    login_words: Annotated[
        tuple[str, ...], Meta(description="words that betray a login or error page sent as if all were well")
    ] = ("用户登录", "统一身份认证", "请登录", "会话已过期", "访问过于频繁", "系统维护", "页面不存在")  # fmt: skip


class SftpSource(Common, frozen=True, kw_only=True, tag="sftp"):
    """A folder on an SFTP server."""

    host: Annotated[Text, Meta(description="the server's name or address")]
    path: Annotated[Text, Meta(description="the folder on the server")]
    username: Annotated[Text, Meta(description="the account there")]
    host_key: Annotated[
        Text, Meta(description="the server's public key as in known_hosts (`ssh-ed25519 AAAA…`); another is refused")
    ]
    port: Annotated[int, Meta(ge=1, le=65535, description="the server's port")] = 22
    password: Annotated[Secret | None, Meta(description="password, unless there is a key")] = None
    key: Annotated[Secret | None, Meta(description="private key (OpenSSH text)")] = None
    settle_seconds: Annotated[float, Meta(ge=0, description="as for folders")] = 60.0


class S3Source(Common, frozen=True, kw_only=True, tag="s3"):
    """A bucket of an S3 compatible store."""

    bucket: Annotated[Text, Meta(description="the bucket")]
    access_key: Annotated[Secret, Meta(description="access key id")]
    secret_key: Annotated[Secret, Meta(description="secret access key")]
    prefix: Annotated[str, Meta(description="only keys that begin so")] = ""
    endpoint_url: Annotated[str | None, Meta(description="the store's address; none is AWS")] = None
    region: Annotated[str | None, Meta(description="the store's region")] = None
    ca_file: Annotated[str | None, Meta(description="certificate authority of the store, a PEM file")] = None


class ImapSource(Common, frozen=True, kw_only=True, tag="imap"):
    """A mailbox: every mail of an allowed sender is taken as it is (.eml), its attachments are files inside it.

    The mailbox is opened read-only; nothing is marked, moved or deleted.
    """

    host: Annotated[Text, Meta(description="the mail server")]
    username: Annotated[Text, Meta(description="the account there")]
    password: Annotated[Secret, Meta(description="its password")]
    senders: Annotated[
        tuple[Text, ...], Meta(min_length=1, description="addresses (`a@b.cn`) or domains (`@b.cn`) that we take from")
    ]
    port: Annotated[int, Meta(ge=1, le=65535, description="the server's port")] = 993
    security: Annotated[Literal["tls", "starttls", "none"], Meta(description="`none` only on our own machine")] = "tls"
    mailbox: Annotated[str, Meta(description="the folder of the mailbox")] = "INBOX"
    ca_file: Annotated[str | None, Meta(description="certificate authority of the server, a PEM file")] = None


Source: TypeAlias = FolderSource | HttpSource | SftpSource | S3Source | ImapSource
KINDS: dict[str, type[Common]] = {
    str(c.__struct_config__.tag): c for c in (FolderSource, HttpSource, SftpSource, S3Source, ImapSource)
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a source's YAML, for editors (`# yaml-language-server: $schema=…`)."""
    from pipelines.source_lookups import lookups_schema

    schema: dict[str, Any] = msgspec.json.schema(Source)
    for kind in schema["$defs"].values():
        if "lookups" in kind["properties"]:
            del kind["properties"]["lookups"]["additionalProperties"]
            kind["properties"]["lookups"] |= {"$ref": "#/$defs/Lookups"}
    schema["$defs"]["Lookups"] = lookups_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "qingqian source", **schema}


def filled(text: str, source: str) -> str:
    """A text with `${NAME}` replaced by environment variables. Raises SourceError for one that is not set."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match.group(1))
        if not found:
            raise SourceError(f"来源“{source}”用到环境变量 {match.group(1)}，但没有设置它；请设置后重试")
        return found

    return re.sub(r"\$\{(\w+)\}", value, text)


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n")
