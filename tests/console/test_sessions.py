"""Rules of signing in and of sessions, tried over HTTP on a real server whose clock can be put forward."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.console.serving import PASSWORD, Server, client, csrf_of, post, serve, sign_in


class Clock:
    """The server's clock: seconds ahead of the real one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(0)

    def set(self, seconds: float) -> None:
        self._path.write_text(str(seconds), encoding="utf-8")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def served(own_home: Path, tmp_path: Path, clock: Clock) -> Iterator[Server]:
    with serve(own_home, clock=tmp_path / "clock") as running:
        yield running


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/password").status_code == 200


def attempt(server: Server, name: str, password: str) -> httpx.Response:
    with client(server) as browser:
        token = csrf_of(browser.get("/sign-in").text)
        return browser.post("/sign-in", data={"csrf": token, "name": name, "password": password})


def test_a_session_gets_a_new_id_at_sign_in_and_an_id_of_ones_own_choice_is_worthless(served: Server) -> None:
    with client(served) as browser:
        browser.cookies.set("qingqian_session", "chosen-by-somebody-else")
        token = csrf_of(browser.get("/sign-in").text)
        answer = browser.post("/sign-in", data={"csrf": token, "name": "steward", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "chosen" not in cookie
        first = answer.cookies["qingqian_session"]
    with client(served) as thief:
        thief.cookies.set("qingqian_session", "chosen-by-somebody-else")
        assert not is_in(thief)
        thief.cookies.set("qingqian_session", first)  # signing in again ends the session the browser came with
        assert is_in(thief)
        second = post(thief, "/password", old=PASSWORD, password="Another night 9", again="Another night 9")
        assert second.status_code == 303 and second.cookies["qingqian_session"] != first
        thief.cookies.clear()
        thief.cookies.set("qingqian_session", first)
        assert not is_in(thief)


def test_a_session_ends_when_idle_and_after_half_a_day(served: Server, clock: Clock) -> None:
    idle, busy = sign_in(served, "steward"), sign_in(served, "analyst")
    clock.set(29 * 60)
    assert is_in(busy) and is_in(idle)
    clock.set(58 * 60)
    assert is_in(busy)
    clock.set(61 * 60)
    assert not is_in(idle) and is_in(busy)
    for minutes in range(85, 12 * 60, 25):
        clock.set(minutes * 60)
        assert is_in(busy), minutes
    clock.set((12 * 60 + 1) * 60)
    assert not is_in(busy)


def test_five_failures_pause_a_name_known_or_not_and_every_refusal_reads_the_same(served: Server, clock: Clock) -> None:
    def words(answer: httpx.Response) -> str:
        return re.sub(r'value="[^"]*"', "", answer.text)

    refusals = {words(attempt(served, name, f"wrong {n}")) for n in range(5) for name in ("steward", "nobody-here")}
    right = attempt(served, "steward", PASSWORD)
    assert right.status_code == 401
    refusals |= {words(right), words(attempt(served, "nobody-here", PASSWORD))}
    assert len(refusals) == 1
    assert attempt(served, "analyst", PASSWORD).status_code == 303
    clock.set(16 * 60)
    assert attempt(served, "steward", PASSWORD).status_code == 303


def test_signing_out_and_an_admins_change_end_a_session_on_the_server(served: Server) -> None:
    browser = sign_in(served, "steward")
    token = browser.cookies["qingqian_session"]
    assert post(browser, "/sign-out").status_code == 303
    browser.cookies.set("qingqian_session", token)
    assert not is_in(browser)
    other, admin = sign_in(served, "analyst"), sign_in(served, "admin")
    number = re.search(r'<th scope="row">analyst</th>.*?/people/(\d+)', admin.get("/people").text, re.S)
    assert number
    changed = post(admin, f"/people/{number.group(1)}", "/people", role="analyst", regions="341824", is_active="1")
    assert changed.status_code == 200 and not is_in(other)
    stopped = post(admin, f"/people/{number.group(1)}", "/people", role="analyst")
    assert stopped.status_code == 200
    assert attempt(served, "analyst", PASSWORD).status_code == 401


def test_nobody_is_admin_and_auditor_and_the_last_admin_stays(served: Server) -> None:
    admin = sign_in(served, "admin")
    with_token = {"csrf": csrf_of(admin.get("/people").text), "name": "both"}
    both = admin.post("/people", data={**with_token, "role": ["admin", "auditor"]})
    assert both.status_code == 400 and "同一个人" in both.text
    number = re.search(r'<th scope="row">admin</th>.*?/people/(\d+)', admin.get("/people").text, re.S)
    assert number
    last = post(admin, f"/people/{number.group(1)}", "/people", role="steward", is_active="1")
    assert last.status_code == 400 and "最后一个" in last.text and is_in(admin)


def test_a_temporary_password_must_be_changed_before_anything_else(served: Server) -> None:
    admin = sign_in(served, "admin")
    made = post(admin, "/people", "/people", name="新来的", role="steward")
    temporary = re.search(r'class="figure mono">([^<]+)<', made.text)
    assert temporary
    assert temporary.group(1) not in admin.get("/people").text
    browser = sign_in(served, "新来的", temporary.group(1))
    assert browser.get("/").headers["location"] == "/password"
    for weak in ("short1A", "aaaaaaaaaaaa", "Password12345", "新来的Abc12345"):
        refused = post(browser, "/password", old=temporary.group(1), password=weak, again=weak)
        assert refused.status_code == 400, weak
    good = "看得见的夜班 7"
    good += "abc"
    assert post(browser, "/password", old=temporary.group(1), password=good, again=good).status_code == 303
    assert browser.get("/").status_code == 200


def test_headers_of_a_proxy_are_believed_only_when_told_to(served: Server, own_home: Path) -> None:
    with client(served) as browser:
        answer = browser.get("/password", headers={"X-Forwarded-User": "steward", "X-Forwarded-Proto": "https"})
        assert answer.status_code == 303 and "secure" not in answer.headers["set-cookie"].lower()
    with serve(own_home, "--behind-proxy", "--user-header", "X-Forwarded-User") as behind:
        told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example", "X-Forwarded-For": "10.1.2.3"}
        with httpx.Client(base_url=behind.url, headers=told) as browser:
            assert browser.get("/password").status_code == 303
            assert browser.get("/password", headers={"X-Forwarded-User": "nobody"}).status_code == 303
            answer = browser.get("/password", headers={"X-Forwarded-User": "steward"})
            cookie = answer.headers["set-cookie"]
            assert answer.status_code == 200 and cookie.startswith("__Host-qingqian_session=") and "Secure" in cookie
            session = {"Cookie": cookie.split(";")[0], "X-Forwarded-User": "steward"}
            form = {"csrf": csrf_of(answer.text)}
            bad = browser.post("/sign-out", data=form, headers={**session, "Origin": "http://desk.example"})
            assert bad.status_code == 403
            good = browser.post("/sign-out", data=form, headers={**session, "Origin": "https://desk.example"})
            assert good.status_code == 303


def test_a_header_may_not_name_users_without_a_proxy(own_home: Path) -> None:
    with pytest.raises(AssertionError, match="did not start"), serve(own_home, "--user-header", "X-User"):
        pass
