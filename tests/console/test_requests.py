"""Hostile requests: forged forms, foreign hosts, open redirects, script in names; and what every answer carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from console.app import create_app
from console.routing import access_of
from console.settings import Settings
from tests.console.serving import Server, client, csrf_of, post, serve, sign_in

Http = Callable[[str], httpx.Client]


def changes(tmp_path: Path) -> list[tuple[str, str]]:
    """Every route that changes something: its path with numbers put in, and a role that may use it."""
    found = []
    for route in create_app(Settings(tmp_path)).routes:
        access = access_of(route) if isinstance(route, Route) else None
        if isinstance(route, Route) and access is not None and "POST" in (route.methods or ()) and access.roles:
            found.append((re.sub(r"\{[^}]*\}", "1", route.path), sorted(access.roles)[-1]))
    return found


def test_no_form_is_taken_without_this_sessions_token(tmp_path: Path, server: Server, http_of: Http) -> None:
    forms = changes(tmp_path)
    assert len(forms) >= 6
    for path, role in forms:
        browser = http_of(role)
        other = csrf_of(http_of("steward" if role != "steward" else "analyst").get("/password").text)
        for token in (None, "", "wrong", other):
            answer = browser.post(path, data={} if token is None else {"csrf": token})
            assert answer.status_code == 403, (path, token, answer.status_code)
        right = csrf_of(browser.get("/password").text)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = browser.post(path, data={"csrf": right}, headers=headers)
            assert answer.status_code == 403, (path, headers)


def test_signing_in_cannot_be_forged_either(server: Server) -> None:
    with client(server) as browser:
        browser.get("/sign-in")
        assert browser.post("/sign-in", data={"name": "steward", "password": "x"}).status_code == 403
        with client(server) as other:
            token = csrf_of(other.get("/sign-in").text)
        assert browser.post("/sign-in", data={"csrf": token, "name": "a", "password": "x"}).status_code == 403


def test_a_form_of_any_length_is_read_no_further_than_a_megabyte(http_of: Http) -> None:
    browser = http_of("steward")
    token = csrf_of(browser.get("/password").text)
    assert browser.post("/password", data={"csrf": token, "old": "x" * (2 << 20)}).status_code == 403
    many = browser.post("/password", content="&".join(f"f{n}=1" for n in range(5000)).encode(), headers={
        "Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert many.status_code in (400, 403)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page", "/static/console.css", "/static/../app.py"])
def test_every_answer_carries_the_security_headers(path: str, server: Server) -> None:
    with client(server) as browser:
        headers = browser.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_only_this_machines_names_are_answered_on_loopback(server: Server, own_home: Path) -> None:
    with httpx.Client(base_url=server.url) as browser:
        assert browser.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
        assert browser.get("/sign-in", headers={"Host": "localhost:1"}).status_code == 200
    options = ("--behind-proxy", "--allowed-host", "desk.example")
    with serve(own_home, *options) as named, httpx.Client(base_url=named.url) as browser:
        assert browser.get("/sign-in", headers={"Host": "desk.example"}).status_code == 200
        assert browser.get("/sign-in").status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_nothing_leads_to_another_site(target: str, server: Server, http_of: Http) -> None:
    answer = http_of("steward").get("/sign-in", params={"next": target})
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    assert http_of("steward").get("/language", params={"next": target}).headers["location"] == "/"


def test_script_in_what_people_type_is_shown_as_text(own_home: Path) -> None:
    attack = '"><script>alert(1)</script>'
    with serve(own_home) as running:
        admin = sign_in(running, "admin")
        made = post(admin, "/people", "/people", name="attack", display_name=attack, role="analyst", elsewhere="1")
        assert "<script>alert" not in made.text and "&lt;script&gt;alert" in made.text
        refused = post(admin, "/people", "/people", name=attack, role="analyst")
        assert refused.status_code == 400 and "<script>alert" not in refused.text
        with client(running) as browser:
            token = csrf_of(browser.get("/sign-in").text)
            answer = browser.post("/sign-in", data={"csrf": token, "name": attack, "password": "x", "next": attack})
            assert "<script>alert" not in answer.text
        steward = sign_in(running, "steward")
        for path in ("/?region=" + attack, "/?sort=" + attack, "/%3Cscript%3E"):
            assert "<script>alert" not in steward.get(path).text


def test_no_path_leads_out_of_the_static_folder(server: Server) -> None:
    with client(server) as browser:
        for path in ("/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..%5capp.py"):
            assert browser.get(path).status_code == 404


def test_unmasking_needs_a_reason_and_is_logged(own_home: Path) -> None:
    with serve(own_home) as running:
        steward, auditor = sign_in(running, "steward"), sign_in(running, "auditor")
        assert post(steward, "/unmask", object_kind="debt", object_id="abc", reason=" ").status_code == 403
        done = post(steward, "/unmask", object_kind="debt", object_id="abc", reason="核对联系电话", next="/debts/abc")
        assert done.status_code == 303 and done.headers["location"] == "/debts/abc"
        log = auditor.get("/log", params={"action": "unmask"}).text
        assert "核对联系电话" in log and re.search(r"欠款 <a [^>]*>abc</a>", log)
        sound = post(auditor, "/log/verify", "/log")
        assert sound.status_code == 200 and "日志完整" in sound.text


def test_pages_speak_english_when_asked(http_of: Http) -> None:
    browser = http_of("auditor")
    switched = browser.get("/log", headers={"Cookie": f"qingqian_session={browser.cookies['qingqian_session']}; "
                                            "qingqian_language=en"})  # fmt: skip
    assert "Audit log" in switched.text and '<html lang="en">' in switched.text


def test_a_warehouse_of_an_older_version_says_to_run_a_night(own_home: Path) -> None:
    import duckdb

    path = own_home / "warehouse" / "qingqian.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP VIEW main.debts")
    with serve(own_home) as running:
        answer = sign_in(running, "steward").get("/")
    assert answer.status_code == 503 and "qingqian nightly" in answer.text
