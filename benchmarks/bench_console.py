"""The console under load: twenty stewards deciding and fifty analysts reading and asking at once, over a million ledger
rows, while a night is built and published. No request may fail and every decision is kept exactly once.

QINGQIAN_BENCH_CONSOLE_ROWS (default 100,000; the targets are meant for 1000000), QINGQIAN_BENCH_CONSOLE_SECONDS
(default 60), QINGQIAN_BENCH_CONSOLE_HOME (a home made by an earlier run, or where to make one that is kept).

The pace: every steward decides every ten seconds and every analyst opens a page or asks a query every ten seconds, at
random moments (five to fifteen), which is hard work. QINGQIAN_BENCH_CONSOLE_PACE sets other seconds. Each decision is
sent twice, and every fifth once more from a form that has become stale. What one request costs without load tells
`console_cost`.
"""

from __future__ import annotations

import contextlib
import http.client
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.console_home import LEDGERS, PASSWORD, night, parts_of, people
from benchmarks.load_client import Answer, Browser
from benchmarks.row import Row
from warehouse.decisions import decisions
from warehouse.state import open_state

ROWS = int(os.environ.get("QINGQIAN_BENCH_CONSOLE_ROWS", "100000"))
SECONDS = float(os.environ.get("QINGQIAN_BENCH_CONSOLE_SECONDS", "60"))
PACE = float(os.environ.get("QINGQIAN_BENCH_CONSOLE_PACE", "10"))
STEWARDS, ANALYSTS, FINDINGS = 20, 50, 10_000
TARGETS = {"queue page": 0.5, "decision": 0.3, "query": 2.0, "page": 2.0}
QUESTIONS = (  # none is asked twice in the same words
    "SELECT debtor_name, sum(remaining_amount_yuan) AS s FROM debts WHERE debtor_name <> '某县{n}局' "
    "GROUP BY 1 ORDER BY s DESC LIMIT 10",
    "SELECT region_code, count(*) AS n, sum(arrears_amount_yuan) AS s FROM debts WHERE debtor_name > '某县{n}局' "
    "GROUP BY 1 ORDER BY 1",
    "SELECT debtor_name, creditor_name, remaining_amount_yuan FROM debts WHERE contract_no = 'H{contract}'",
)
_AFTERWARDS = 20.0  # seconds of load on the warehouse that was published meanwhile
_STALE = 0.2  # share of decisions after which a form filled before is sent


class Load:
    """What was measured, by kind of request, and what went wrong."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.decided: list[str] = []
        self.conflicts = 0
        self._lock = threading.Lock()
        self.until = 0.0
        self.lasted = SECONDS

    def ask(self, browser: Browser, kind: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """One request, timed; anything but an ordinary answer is an error."""
        before = time.monotonic()
        try:
            answer = browser.get(path) if form is None else browser.post(path, form)
        except (OSError, http.client.HTTPException) as e:
            answer = Answer(504, "")
            with self._lock:
                self.errors.append(f"{type(e).__name__} {path}")
        with self._lock:
            self.times[kind].append(time.monotonic() - before)
            if answer.status not in (200, 303, 409, 504):
                self.errors.append(f"{answer.status} {path}")
        return answer

    def sign_in(self, name: str) -> Browser:
        """A signed-in browser."""
        browser = Browser(self.url)
        csrf = token(browser.get("/sign-in").text)
        answer = browser.post("/sign-in", {"csrf": csrf, "name": name, "password": PASSWORD})
        if answer.status != 303:
            raise RuntimeError(f"{name} could not sign in: {answer.status}")
        return browser

    def everybody(self) -> dict[str, Browser]:
        """All of them, signed in."""
        names = [f"steward-{n}" for n in range(STEWARDS)] + [f"analyst-{n}" for n in range(ANALYSTS)]
        return {name: self.sign_in(name) for name in names}

    def steward(self, browser: Browser, rng: random.Random) -> None:
        """Opens the queue, takes findings from it and accepts them, one after another."""
        time.sleep(rng.uniform(0, PACE))
        while time.monotonic() < self.until:
            rule = rng.randrange(7)
            queue = self.ask(browser, "queue page", f"/review?rule=load_rule_{rule}")
            causes = re.findall(r"/review/cause/([0-9a-f]+)", queue.text)
            if not causes:
                continue
            listed = self.ask(browser, "queue page", f"/review/cause/{rng.choice(causes)}")
            found = re.findall(r"/review/finding/([0-9a-f]{32})", listed.text)
            for finding_id in rng.sample(found, min(3, len(found))):
                if time.monotonic() >= self.until:
                    return
                self.decide(browser, rng, finding_id)
                _pause(rng)

    def decide(self, browser: Browser, rng: random.Random, finding_id: str) -> None:
        """Accept one finding, click twice, and now and then send a form that was filled before somebody decided."""
        shown = self.ask(browser, "page", f"/review/finding/{finding_id}")
        fields = dict(re.findall(r'<input type="hidden" name="(csrf|key|version)" value="([^"]*)"', shown.text))
        if len(fields) < 3:
            return  # told as an error already, or a page of what is settled
        form = {**fields, "action": "accept", "reason": "负载测试"}
        where = f"/review/finding/{finding_id}/decide"
        done = self.ask(browser, "decision", where, form)
        if done.status == 409:
            with self._lock:
                self.conflicts += 1
            return
        if done.status != 303:
            return
        with self._lock:
            self.decided.append(fields["key"])
        again = self.ask(browser, "decision", where, form)
        stale = None
        if rng.random() < _STALE:
            stale = self.ask(browser, "decision", where, {**form, "key": f"{rng.getrandbits(128):032x}"})
        with self._lock:
            if again.status != 303:
                self.errors.append(f"{again.status} for the second click {where}")
            if stale is not None and (stale.status != 409 or "steward-" not in stale.text):
                self.errors.append(f"{stale.status} for a form filled before somebody decided {where}")
            self.conflicts += stale is not None

    def analyst(self, browser: Browser, rng: random.Random) -> None:
        """Opens a page, then asks a query, and so on."""
        time.sleep(rng.uniform(0, PACE))
        while time.monotonic() < self.until:
            path = rng.choice(["/", "/debts", "/documents", "/review", f"/debts?page={rng.randint(1, 50)}"])
            self.ask(browser, "queue page" if path == "/review" else "page", path)
            _pause(rng)
            page = self.ask(browser, "page", "/query")
            if page.status != 200:
                continue
            question = rng.choice(QUESTIONS).format(n=rng.randrange(997), contract=rng.randrange(ROWS // LEDGERS))
            self.ask(browser, "query", "/query", {"csrf": token(page.text), "sql": question})
            _pause(rng)


def _pause(rng: random.Random) -> None:
    time.sleep(rng.uniform(0.5, 1.5) * PACE)


def token(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    if found is None:
        raise RuntimeError("a page without a form")
    return found.group(1)


def run() -> list[Row]:
    """Make the home, serve it, load it while a night publishes, and count what was kept."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("QINGQIAN_BENCH_CONSOLE_HOME") or folder)
        if not (home / "warehouse" / "qingqian.duckdb").is_file():
            people(home, STEWARDS, ANALYSTS)
            night(home, parts_of(home, ROWS), FINDINGS, 1)
        return measure(home)


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, str]]:
    """A console of this home: its process and address."""
    command = [sys.executable, "-m", "console", "serve", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[^/]+", server.stdout.readline())
            if found is None:
                raise RuntimeError("the console did not start")
            yield server.pid, found.group()
        finally:
            server.terminate()
            server.wait(30)


def measure(home: Path) -> list[Row]:
    """Load the console of a home for a while."""
    with open_state(home) as state:
        before = len(decisions(state))
    with serving(home) as (pid, url):
        load = Load(url)
        browsers = load.everybody()
        began, used = time.process_time(), cpu_of_tree(pid)
        published = _under_load(load, home, browsers)
        spent, own = cpu_of_tree(pid) - used, time.process_time() - began
        with open_state(home) as state:
            kept = len(decisions(state)) - before
    return _rows(load, kept, published, (spent, own))


def cpu_of_tree(pid: int) -> float:
    """Processor seconds that a process, its children and theirs have used; nought where the system does not tell."""
    stats = {}
    for told in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = told.read_text().rpartition(")")[2].split()
            stats[int(told.parent.name)] = (int(fields[1]), sum(int(f) for f in fields[11:15]))
    tree = {pid}
    for _ in range(3):
        tree |= {child for child, (parent, _) in stats.items() if parent in tree}
    return sum(stats[p][1] for p in tree if p in stats) / os.sysconf("SC_CLK_TCK")


def _under_load(load: Load, home: Path, browsers: dict[str, Browser]) -> float:
    """Everybody at work until the time is over and the night's warehouse has been read for a while; the seconds the
    night took meanwhile."""
    load.until = float("inf")
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
    command = ["nice", sys.executable, "-c", code, str(home), str(ROWS), str(FINDINGS)]
    publisher = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # the database draws its progress there
    for worker in workers:
        worker.start()
    try:
        status = publisher.wait(1800)
    finally:
        took = time.monotonic() - start
        load.until = max(start + SECONDS, time.monotonic() + _AFTERWARDS)
        load.lasted = load.until - start
    for worker in workers:
        worker.join()
    if status:
        load.errors.append(f"the night failed ({status})")
    for browser in browsers.values():
        browser.close()
    return took


def _rows(load: Load, kept: int, published: float, cpu: tuple[float, float]) -> list[Row]:
    out: list[Row] = []
    for kind, target in TARGETS.items():
        times = sorted(load.times[kind])
        if not times:
            continue
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        out.append(
            {
                "what": f"console, {kind}: {STEWARDS} stewards, {ANALYSTS} analysts, {ROWS:,} rows, every {PACE:g} s, "
                f"a night publishing",
                "ours": f"{p95 * 1000:.0f} ms p95, {statistics.median(times) * 1000:.0f} ms median of {len(times)}",
                "peer": "",
                "ratio": None,
                "target": f"< {target * 1000:.0f} ms",
                "ok": p95 < target,
            }
        )
    requests = sum(map(len, load.times.values()))
    machine = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    each, share = cpu[0] / max(1, requests) * 1000, cpu[1] / load.lasted
    exact = kept == len(load.decided) == len(set(load.decided))
    out.append(
        {
            "what": "console, errors and decisions",
            "ours": f"{len(load.errors)} errors, {len(load.decided)} decided, {kept} kept, {load.conflicts} conflicts",
            "peer": "",
            "ratio": None,
            "target": "0 errors, none lost or doubled",
            "ok": not load.errors and exact,
            "note": f"{requests / load.lasted:.1f} requests a second, each person at work every {PACE:g} s; "
            f"the night took {published:.0f} s; {each:.0f} cpu-ms of the server a request, its children included; "
            f"the load itself took {share:.0%} of a core; load average {machine}; "
            f"first errors: {json.dumps(load.errors[:3], ensure_ascii=False)}",
        }
    )
    return out
