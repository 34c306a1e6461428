"""A government site pulled for real, with everything that sites do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.fetching.addresses import check_address, check_url
from pipelines.fetching.delivery import PermanentError
from pipelines.source_schema import Source
from tests.fetching.pulls import Pulls, changes, source
from tests.fetching.servers import Site, expired_site, half, redirect, send, stall, status

LOGIN = (
    "<html><head><title>用户登录</title></head><body><form><input name=u><input type=password></form></body></html>"
).encode()
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2000


def article(number: int, attachment: str | None = None) -> bytes:
    link = f'<p>附件：<a href="{attachment}">台账</a></p>' if attachment else ""
    body = f"关于清理拖欠账款的通知（第{number}号）。各单位要在6月30日前报送。"
    head = f"<html><head><title>通知{number}</title></head>"
    return f'{head}<body><div id="zoom"><p>{body}</p>{link}</div></body></html>'.encode()


def listing(*numbers: int, after: str | None = None) -> bytes:
    rows = "".join(
        f'<li><a href="/art/{n}.html" title="通知{n}">通知{n}…</a><span>2026-06-0{n}</span></li>' for n in numbers
    )
    more = f'<a class="next" href="{after}">下一页</a>' if after else ""
    return f'<html><body><ul class="list">{rows}</ul>{more}</body></html>'.encode()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.pages = {
        "/list.html": listing(3, 2, after="/list_2.html"),
        "/list_2.html": listing(1),
        "/art/1.html": article(1),
        "/art/2.html": article(2, "/files/2.pdf"),
        "/art/3.html": article(3),
        "/files/2.pdf": PDF,
    }
    made.types["/files/2.pdf"] = "application/pdf"
    yield made
    made.close()


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    return Pulls(tmp_path)


def ministry(site: Site, **more: Any) -> Source:
    keys: dict[str, Any] = {
        "name": "ministry", "kind": "http", "listing": [f"{site.url}/list.html"], "allow_private": True,
        "delay_seconds": 0, "limits": {"attempts": 3, "timeout_seconds": 1.0, "set_aside_after": 2, "pause_hours": 30},
        "select": {"item": "ul.list li", "date": "span", "next_page": "a.next", "content": "#zoom",
                   "attachments": "#zoom a[href$='.pdf'], #zoom a[href$='.xls']"},
    }  # fmt: skip
    return source(**{**keys, **more})


def test_articles_and_attachments_come_once_and_then_only_what_is_new(site: Site, pulls: Pulls) -> None:
    first = pulls(ministry(site))
    assert changes(first) == {"new": 4}
    (pdf,) = (f for f in first if f.path.endswith(".pdf"))
    assert pulls.bytes_of(pdf) == PDF
    asked = len(site.asked)

    site.pages["/list.html"] = listing(4, 3, 2, after="/list_2.html")
    site.pages["/art/4.html"] = article(4)
    second = pulls(ministry(site))
    assert changes(second) == {"new": 1, "unchanged": 4}
    bodies = [
        path for path, _, code in site.asked[asked:] if code == 200 and "list" not in path and "robots" not in path
    ]
    assert bodies == ["/art/4.html"]  # the others answered 304

    site.pages["/art/3.html"] = article(33)
    assert changes(pulls(ministry(site))) == {"changed": 1, "unchanged": 3}


def test_where_a_file_came_from_is_kept(site: Site, pulls: Pulls) -> None:
    from warehouse.state import open_state
    from warehouse.state_sources import fetches_of

    (pdf,) = (f for f in pulls(ministry(site)) if f.path.endswith(".pdf"))
    with open_state(pulls.home) as state:
        (fetch,) = fetches_of(state, pdf.file_id or "")
    assert fetch.url == f"{site.url}/files/2.pdf"
    assert fetch.headers["content-type"] == "application/pdf"
    assert fetch.token == fetch.headers["etag"]


@pytest.mark.parametrize("reset", [True, False])
def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(site: Site, pulls: Pulls, reset: bool) -> None:
    site.faults["/files/2.pdf"] = [half(PDF, reset=reset)]
    files = pulls(ministry(site))
    (pdf,) = (f for f in files if f.path.endswith(".pdf"))
    assert pulls.bytes_of(pdf) == PDF
    ranges = [h.get("range") for path, h, _ in site.asked if path == "/files/2.pdf"]
    assert ranges == [None, f"bytes={len(PDF) // 2}-"]


def test_a_part_is_kept_over_nights_and_never_taken(site: Site, pulls: Pulls) -> None:
    site.faults["/files/2.pdf"] = [half(PDF, reset=True)] + [status(503)] * 2
    files = pulls(ministry(site))
    (pdf,) = (f for f in files if f.path.endswith(".pdf"))
    assert pdf.change == "ignored" and "http_503" in (pdf.reason or "")
    assert len(list(pulls.home.glob("fetch/*/*.part"))) == 1
    assert "items:ministry" in pulls.troubles()
    (pdf,) = (f for f in pulls(ministry(site)) if f.path.endswith(".pdf"))
    assert pulls.bytes_of(pdf) == PDF
    assert site.asked[-1][1].get("range") or any(h.get("range") for p, h, _ in site.asked if p == "/files/2.pdf")
    assert pulls.troubles() == {}


def test_too_many_requests_are_waited_for_as_asked(site: Site, pulls: Pulls) -> None:
    site.faults["/list.html"] = [status(429, {"Retry-After": "7"}), status(500)]
    assert changes(pulls(ministry(site))) == {"new": 4}
    assert pulls.slept[0] == 7.0
    assert 1.0 <= pulls.slept[1] <= 2.0  # our own pause, with jitter


def test_a_long_retry_after_ends_the_night_for_the_source(site: Site, pulls: Pulls) -> None:
    site.faults["/list.html"] = [status(429, {"Retry-After": "7200"})]
    assert pulls(ministry(site)) == []
    assert pulls.slept == []
    assert site.paths().count("/list.html") == 1


def test_a_source_that_keeps_failing_is_set_aside_told_and_tried_again(site: Site, pulls: Pulls) -> None:
    site.faults["/list.html"] = [stall(2.0)] * 2 + [status(500)] * 99
    one = ministry(site, limits={"attempts": 2, "timeout_seconds": 0.3, "set_aside_after": 2, "pause_hours": 30})
    assert pulls(one) == []
    assert pulls.health("ministry").error_code == "timeout"
    assert list(pulls.troubles()) == ["source:ministry"]
    pulls(one)
    assert pulls.health("ministry").aside_until is not None
    asked = len(site.asked)
    pulls(one)  # a day later: still left alone
    assert len(site.asked) == asked
    site.faults.clear()
    assert changes(pulls(one)) == {"new": 4}  # two days later
    assert pulls.health("ministry").failures == 0
    assert pulls.troubles() == {}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (redirect("/sso/login?service=x"), "login_page"),
        (lambda h: send(h, 200, LOGIN), "login_page"),
        (lambda h: send(h, 200, "<html><title>系统维护</title><body>系统维护中</body></html>".encode()), "error_page"),
        (lambda h: send(h, 200, "<html><body><p>改版了</p></body></html>".encode()), "empty_listing"),
        (redirect("http://example.com/list.html"), "foreign_host"),
        (redirect("/list.html"), "redirect_loop"),
        (status(403), "http_403"),
    ],
)  # fmt: skip
def test_a_false_listing_is_refused_at_once(site: Site, pulls: Pulls, fault: Any, code: str) -> None:
    site.faults["/list.html"] = [fault] * 10
    assert pulls(ministry(site)) == []
    assert pulls.health("ministry").error_code == code
    assert pulls.slept == []


def test_a_login_page_in_place_of_an_article_or_attachment_costs_only_that(site: Site, pulls: Pulls) -> None:
    site.faults["/art/3.html"] = [lambda h: send(h, 200, LOGIN)]
    site.faults["/files/2.pdf"] = [lambda h: send(h, 200, LOGIN, {"Content-Type": "text/html"})]
    files = {f.path.rsplit("/", 1)[-1]: f for f in pulls(ministry(site))}
    assert {n for n, f in files.items() if f.change == "new"} == {"1.html", "2.html"}
    assert "login_page" in (files["3.html"].reason or "") and "login_page" in (files["2.pdf"].reason or "")
    assert changes(pulls(ministry(site)))["new"] == 2


def test_a_listing_in_another_order_or_with_losses_brings_nothing_new_and_deletes_nothing(
    site: Site, pulls: Pulls
) -> None:
    pulls(ministry(site))
    site.pages["/list.html"] = listing(2, 3, after="/list_2.html")
    assert changes(pulls(ministry(site))) == {"unchanged": 3}
    site.pages["/list.html"] = listing(3)
    assert changes(pulls(ministry(site))) == {"unchanged": 1}
    site.pages["/list.html"] = listing(1, 2, 3)
    assert changes(pulls(ministry(site))) == {"unchanged": 4}


def test_robots_are_obeyed(site: Site, pulls: Pulls) -> None:
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /files/\nCrawl-delay: 3\n"
    files = pulls(ministry(site))
    assert changes(files) == {"new": 3, "ignored": 1}
    assert "/files/2.pdf" not in site.paths()
    assert len(pulls.slept) >= 4 and 2.5 < max(pulls.slept) <= 3.0
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /\n"
    pulls(ministry(site))
    assert pulls.health("ministry").error_code == "robots"
    site.faults["/robots.txt"] = [status(503)] * 3
    pulls(ministry(site))
    assert pulls.health("ministry").error_code == "robots"  # a site that cannot say is not walked over


def test_private_addresses_and_foreign_schemes_are_not_asked(site: Site, pulls: Pulls) -> None:
    closed = ministry(site, allow_private=False)
    assert pulls(closed) == []
    assert pulls.health("ministry").error_code == "private_address"
    assert site.asked == []
    for address in (
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "100.64.0.1",
    ):
        with pytest.raises(PermanentError):
            check_address(address, "http://a.example/")
    check_address("114.114.114.114", "http://a.example/")
    for url in ("file:///etc/passwd", "ftp://a.example/x", "http://u:p@a.example/", "http://b.example/"):
        with pytest.raises(PermanentError):
            check_url(url, frozenset({"a.example"}), allow_private=True)


def test_too_long_a_file_is_not_fetched_whole(site: Site, pulls: Pulls) -> None:
    limits = {"attempts": 2, "timeout_seconds": 1.0, "max_file_bytes": 10_000}
    (pdf,) = (f for f in pulls(ministry(site, limits=limits)) if f.path.endswith(".pdf"))
    assert pdf.change == "ignored" and "too_long" in (pdf.reason or "")


def test_a_hash_that_does_not_fit_is_not_believed(site: Site, pulls: Pulls) -> None:
    wrong = {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    site.faults["/files/2.pdf"] = [lambda h: send(h, 200, PDF, wrong)]
    (pdf,) = (f for f in pulls(ministry(site)) if f.path.endswith(".pdf"))
    assert pulls.bytes_of(pdf) == PDF
    assert site.paths().count("/files/2.pdf") == 2


def test_a_site_that_falls_silent_is_not_knocked_at_for_every_item(site: Site, pulls: Pulls) -> None:
    numbers = range(1, 9)
    site.pages["/list.html"] = listing(*numbers)
    for n in numbers:
        site.pages[f"/art/{n}.html"] = article(n)
        site.faults[f"/art/{n}.html"] = [status(502)] * 9
    files = pulls(ministry(site, limits={"attempts": 1, "timeout_seconds": 1.0}))
    assert len(files) == 2
    assert sum("art" in p for p in site.paths()) == 3
    assert pulls.health("ministry").error_code == "http_502"


def test_names_that_do_not_resolve_are_tried_again_and_told(pulls: Pulls) -> None:
    keys = {"name": "gone", "kind": "http", "listing": ["http://no-such-host.invalid/"], "select": {"item": "li"}}
    assert pulls(source(**keys, limits={"attempts": 3})) == []
    assert pulls.health("gone").error_code == "dns"
    assert len(pulls.slept) == 2


def test_an_expired_certificate_is_refused_and_not_tried_again(pulls: Pulls, tmp_path: Path) -> None:
    with expired_site(tmp_path) as (port, authority):
        keys = {"name": "old", "kind": "http", "listing": [f"https://localhost:{port}/"], "select": {"item": "li"}}
        assert pulls(source(**keys, allow_private=True, ca_file=str(authority))) == []
    assert pulls.health("old").error_code == "bad_certificate"
    assert pulls.slept == []
