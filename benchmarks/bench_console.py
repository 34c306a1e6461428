"""The console under load: twenty stewards deciding and fifty analysts reading and asking at once, over a million ledger
rows, while a night is built and published. No request may fail and every decision is kept exactly once.

QINGQIAN_BENCH_CONSOLE_ROWS (default 100,000; the targets are meant for 1000000) and QINGQIAN_BENCH_CONSOLE_SECONDS
(default 60). Stewards and analysts pause between clicks (two to six seconds, ten for a query) as people do.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx

from benchmarks.console_home import PASSWORD, night, parts_of, people
from benchmarks.row import Row
from warehouse.decisions import decisions
from warehouse.state import open_state

ROWS = int(os.environ.get("QINGQIAN_BENCH_CONSOLE_ROWS", "100000"))
SECONDS = float(os.environ.get("QINGQIAN_BENCH_CONSOLE_SECONDS", "60"))
STEWARDS, ANALYSTS, FINDINGS = 20, 50, 10_000
TARGETS = {"queue page": 0.5, "decision": 0.3, "query": 2.0, "page": 2.0}
QUESTIONS = (
    "SELECT debtor_name, sum(remaining_amount_yuan) AS s FROM debts GROUP BY 1 ORDER BY s DESC LIMIT 10",
    "SELECT region_code, count(*) AS n, sum(arrears_amount_yuan) AS s FROM debts GROUP BY 1 ORDER BY 1",
    "SELECT debtor_name, creditor_name, remaining_amount_yuan FROM debts WHERE contract_no = 'H1000077'",
)


class Load:
    """What was measured, by kind of request, and what went wrong."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.decided: list[str] = []
        self._lock = threading.Lock()
        self.until = 0.0

    def ask(self, browser: httpx.Client, kind: str, method: str, path: str, **more: object) -> httpx.Response:
        """One request, timed; anything but an ordinary answer is an error."""
        before = time.monotonic()
        try:
            answer = browser.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.HTTPError as e:
            with self._lock:
                self.times[kind].append(time.monotonic() - before)
                self.errors.append(f"{type(e).__name__} {method} {path}")
            return httpx.Response(504)
        with self._lock:
            self.times[kind].append(time.monotonic() - before)
            if answer.status_code not in (200, 303, 409):
                self.errors.append(f"{answer.status_code} {method} {path}")
        return answer

    def sign_in(self, name: str) -> httpx.Client:
        """A signed-in client."""
        browser = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=60)
        token = _token(browser.get("/sign-in").text)
        answer = browser.post("/sign-in", data={"csrf": token, "name": name, "password": PASSWORD})
        if answer.status_code != 303:
            raise RuntimeError(f"{name} could not sign in: {answer.status_code}")
        return browser

    def steward(self, browser: httpx.Client, rng: random.Random) -> None:
        """Opens the queue, takes findings from it and accepts them, one after another."""
        while time.monotonic() < self.until:
            rule = rng.randrange(7)
            queue = self.ask(browser, "queue page", "GET", f"/review?rule=load_rule_{rule}")
            causes = re.findall(r"/review/cause/([0-9a-f]+)", queue.text)
            if not causes:
                continue
            listed = self.ask(browser, "queue page", "GET", f"/review/cause/{rng.choice(causes)}")
            found = re.findall(r"/review/finding/([0-9a-f]{32})", listed.text)
            for finding_id in rng.sample(found, min(3, len(found))):
                time.sleep(rng.uniform(2, 6))
                shown = self.ask(browser, "page", "GET", f"/review/finding/{finding_id}")
                fields = dict(re.findall(r'<input type="hidden" name="(csrf|key|version)" value="([^"]*)"', shown.text))
                form = {**fields, "action": "accept", "reason": "负载测试"}
                done = self.ask(browser, "decision", "POST", f"/review/finding/{finding_id}/decide", data=form)
                if done.status_code == 303:
                    with self._lock:
                        self.decided.append(fields["key"])
                    self.ask(browser, "decision", "POST", f"/review/finding/{finding_id}/decide", data=form)  # twice

    def analyst(self, browser: httpx.Client, rng: random.Random) -> None:
        """Reads pages and asks a query now and then."""
        while time.monotonic() < self.until:
            path = rng.choice(["/", "/debts", "/documents", "/review", f"/debts?page={rng.randint(1, 50)}"])
            self.ask(browser, "queue page" if path == "/review" else "page", "GET", path)
            time.sleep(rng.uniform(2, 6))
            page = self.ask(browser, "page", "GET", "/query")
            if page.status_code != 200:
                continue
            form = {"csrf": _token(page.text), "sql": rng.choice(QUESTIONS)}
            self.ask(browser, "query", "POST", "/query", data=form)
            time.sleep(rng.uniform(8, 12))


def _token(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    if found is None:
        raise RuntimeError("a page without a form")
    return found.group(1)


def run() -> list[Row]:
    """Make the home, serve it, load it while a night publishes, and count what was kept."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("QINGQIAN_BENCH_CONSOLE_HOME") or folder)
        if not (home / "warehouse").is_dir():
            night(home, parts_of(home, ROWS), FINDINGS, 1)
            people(home, STEWARDS, ANALYSTS)
        return measure(home)


def measure(home: Path) -> list[Row]:
    """Load the console of a home for a while."""
    command = [sys.executable, "-m", "console", "serve", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[^/]+", server.stdout.readline())
            if found is None:
                raise RuntimeError("the console did not start")
            with open_state(home) as state:
                before = len(decisions(state))
            load = Load(found.group())
            published = _under_load(load, home)
            spent = _cpu_of(server.pid)
            with open_state(home) as state:
                kept = len(decisions(state)) - before
        finally:
            server.terminate()
            server.wait(30)
    return _rows(load, kept, published, spent)


def _cpu_of(pid: int) -> float:
    """Processor seconds a process and its ended children have used; nought where the system does not tell."""
    told = Path(f"/proc/{pid}/stat")
    if not told.is_file():
        return 0.0
    fields = told.read_text().rpartition(")")[2].split()
    return sum(int(f) for f in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _under_load(load: Load, home: Path) -> float:
    """Everybody at work until the time is over; the seconds the night took meanwhile."""
    names = [f"steward-{n}" for n in range(STEWARDS)] + [f"analyst-{n}" for n in range(ANALYSTS)]
    browsers = {name: load.sign_in(name) for name in names}
    load.until = time.monotonic() + SECONDS
    workers = []
    for n, (name, browser) in enumerate(browsers.items()):
        work = load.steward if name.startswith("steward") else load.analyst
        workers.append(threading.Thread(target=work, args=(browser, random.Random(n)), name=name))
    start = time.monotonic()
    code = (
        "import sys; from pathlib import Path; from benchmarks.console_home import night, parts_of\n"
        "h = Path(sys.argv[1])\n"
        "night(h, parts_of(h, int(sys.argv[2])), int(sys.argv[3]), 2)"
    )
    publisher = subprocess.Popen(["nice", sys.executable, "-c", code, str(home), str(ROWS), str(FINDINGS)])
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    status = publisher.wait(1800)
    took = time.monotonic() - start
    if status:
        load.errors.append(f"the night failed ({status})")
    for browser in browsers.values():
        browser.close()
    return took


def _rows(load: Load, kept: int, published: float, spent: float) -> list[Row]:
    out: list[Row] = []
    for kind, target in TARGETS.items():
        times = sorted(load.times[kind])
        if not times:
            continue
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        out.append(
            {
                "what": f"console, {kind}: {STEWARDS} stewards, {ANALYSTS} analysts, {ROWS:,} rows, a night publishing",
                "ours": f"{p95 * 1000:.0f} ms p95, {statistics.median(times) * 1000:.0f} ms median of {len(times)}",
                "peer": "",
                "ratio": None,
                "target": f"< {target * 1000:.0f} ms",
                "ok": p95 < target,
            }
        )
    each = spent / max(1, sum(map(len, load.times.values()))) * 1000
    exact = kept == len(load.decided) == len(set(load.decided))
    out.append(
        {
            "what": "console, errors and decisions",
            "ours": f"{len(load.errors)} errors, {len(load.decided)} decided, {kept} kept",
            "peer": "",
            "ratio": None,
            "target": "0 errors, none lost or doubled",
            "ok": not load.errors and exact,
            "note": f"the night took {published:.0f} s; {each:.0f} cpu-ms of the server a request, its children "
            f"included; first errors: {json.dumps(load.errors[:3])}",
        }
    )
    return out
