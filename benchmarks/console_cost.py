"""What one request of each kind costs the console in processor time, one at a time and without any load beside it.

    python -m benchmarks.console_cost HOME [TIMES]

HOME is a home as `bench_console` makes it. Milliseconds of processor time of the server, its children included, and
of the wall at the median, a request. Unlike the times under load these hardly depend on what else the machine does.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench_console import QUESTIONS, Load, cpu_of_tree, serving, token
from benchmarks.console_home import LEDGERS
from benchmarks.load_client import Answer, Browser

Ask = Callable[[], Answer]


def kinds(load: Load, rng: random.Random, rows: int) -> dict[str, Ask]:
    """What is asked, by name; each call asks once more, for something else where there is a choice."""
    steward, analyst = load.sign_in("steward-0"), load.sign_in("analyst-0")
    findings: list[str] = []
    forms: list[tuple[str, dict[str, str]]] = []

    def causes() -> list[str]:
        return re.findall(r"/review/cause/([0-9a-f]+)", steward.get(f"/review?rule=load_rule_{rng.randrange(7)}").text)

    for cause in rng.sample(causes(), 8):
        findings += re.findall(r"/review/finding/([0-9a-f]{32})", steward.get(f"/review/cause/{cause}").text)
    some = causes()

    def shown() -> Answer:
        finding = rng.choice(findings)
        page = steward.get(f"/review/finding/{finding}")
        fields = dict(re.findall(r'<input type="hidden" name="(csrf|key|version)" value="([^"]*)"', page.text))
        if len(fields) == 3:
            forms.append((finding, {**fields, "action": "accept", "reason": "负载测试"}))
        return page

    def decided() -> Answer:
        finding, form = forms.pop()
        return steward.post(f"/review/finding/{finding}/decide", form)

    csrf = token(analyst.get("/query").text)

    def asked() -> Answer:
        question = rng.choice(QUESTIONS).format(n=rng.randrange(997), contract=rng.randrange(rows // LEDGERS))
        return analyst.post("/query", {"csrf": csrf, "sql": question})

    def reading(browser: Browser, path: Callable[[], str]) -> Ask:
        return lambda: browser.get(path())

    return {
        "queue": reading(steward, lambda: f"/review?rule=load_rule_{rng.randrange(7)}"),
        "queue, all": reading(analyst, lambda: "/review"),
        "cause": reading(steward, lambda: f"/review/cause/{rng.choice(some)}"),
        "finding": shown,
        "decision": decided,
        "query page": reading(analyst, lambda: "/query"),
        "query": asked,
        "morning": reading(analyst, lambda: "/"),
        "debts": reading(analyst, lambda: f"/debts?page={rng.randint(1, 50)}"),
        "documents": reading(analyst, lambda: "/documents"),
    }


def main(home: Path, times: int) -> None:
    """Ask so many of each kind and print the cost of each."""
    with serving(home) as (pid, url):
        for name, ask in kinds(Load(url), random.Random(), 1_000_000).items():
            for _ in range(3 if name != "decision" else 0):
                ask()
            took = []
            before = cpu_of_tree(pid)
            for _ in range(times):
                began = time.monotonic()
                answer = ask()
                took.append(time.monotonic() - began)
                if answer.status not in (200, 303, 409):
                    raise RuntimeError(f"{answer.status} for {name}: {answer.text[:300]}")
            spent = (cpu_of_tree(pid) - before) / times
            print(f"{name:12} {spent * 1000:6.1f} cpu-ms {statistics.median(took) * 1000:7.1f} ms", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
