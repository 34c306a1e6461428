"""The pool against real children that die, hang, grow, print and lie: every file is accounted for exactly once."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from extractors.facts import Context
from pipelines.isolation.limits import MIB, Limits
from pipelines.isolation.pool import Outcome, PoolError, Task, WorkerPool

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are limited by the Linux kernel")

HERE = Path(__file__).parent
FUNCTION = "isolation_poison:act"
SMALL = Limits(wall_seconds=20, memory_bytes=600 * MIB, output_bytes=4 * MIB, file_bytes=2 * MIB)

Submit = Callable[..., Task]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children find the misbehaving functions of this folder."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """Make a task whose file says what to do."""
    count = iter(range(10**6))

    def make(words: str, **context: object) -> Task:
        number = next(count)
        path = tmp_path / f"{number}.bin"
        path.write_bytes(words.encode())
        return Task(
            key=f"{number}:{words}",
            path=str(path),
            name=f"第{number}号文件.pdf",
            context=msgspec.json.encode(Context(**context)),  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def small() -> Iterator[WorkerPool]:
    """One child under small limits."""
    with WorkerPool(1, SMALL, function=FUNCTION) as pool:
        yield pool


def one(pool: WorkerPool, task: Task) -> Outcome:
    """The outcome of a single task."""
    (outcome,) = pool.run([task])
    assert outcome.key == task.key
    return outcome


def gone(pid: int) -> bool:
    """Whether a process ended; waits for up to ten seconds."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


def test_result_comes_back_with_the_context_given(small: WorkerPool, submit: Submit) -> None:
    outcome = one(small, submit("tell", source="省厅", reference_date="2026-06-30"))
    assert outcome.ok
    assert outcome.attempts == 1
    assert outcome.payload is not None
    assert outcome.payload.decode().startswith("省厅|2026-06-30|")


@pytest.mark.parametrize(
    ("words", "code", "attempts", "said"),
    [
        ("kill", "crash", 2, "SIGKILL"),
        ("abort", "crash", 2, "SIGABRT"),
        ("segfault", "crash", 2, "SIGSEGV"),
        ("leave", "crash", 2, "退出码 7"),
        ("hog", "memory", 1, "600MB"),
        ("allocator_abort", "memory", 1, "600MB"),
        ("huge 5000000", "output_too_large", 1, "4MB"),
        ("fail", "error", 1, "（ValueError）"),
        ("panic", "error", 1, "（Panic）"),
        ("stop", "error", 1, "（SystemExit）"),
        ("wrong_type", "error", 1, "（TypeError）"),
        ("fill 4", "error", 1, "（OSError）"),
        ("fork", "error", 1, "PermissionError"),
        ("program", "error", 1, "PermissionError"),
        ("garbage", "protocol", 1, "不完整"),
    ],
)
def test_each_way_to_fail_has_its_type_and_spares_the_next_file(
    small: WorkerPool, submit: Submit, words: str, code: str, attempts: int, said: str
) -> None:
    poison, good = submit(words), submit("good")
    outcomes = {o.key: o for o in small.run([poison, good])}
    bad = outcomes[poison.key]
    assert (bad.ok, bad.error_code, bad.attempts, bad.payload) == (False, code, attempts, None)
    assert bad.error_message is not None
    assert said in bad.error_message
    assert poison.name in bad.error_message
    assert bad.error_message.endswith("。")
    assert outcomes[good.key].payload == b"good"


def test_endless_loop_is_ended_by_the_wall_clock(submit: Submit) -> None:
    with WorkerPool(2, Limits(wall_seconds=1), function=FUNCTION) as pool:
        tasks = [submit("loop"), submit("good"), submit("loop"), submit("good")]
        outcomes = {o.key: o for o in pool.run(tasks)}
    assert [outcomes[t.key].error_code for t in tasks] == ["timeout", None, "timeout", None]
    assert outcomes[tasks[0].key].attempts == 1
    assert "1秒" in (outcomes[tasks[0].key].error_message or "")


def test_a_long_work_that_gives_signs_of_life_is_bounded_by_the_total_only(submit: Submit) -> None:
    with WorkerPool(1, Limits(wall_seconds=2, total_seconds=60), function=FUNCTION) as pool:
        assert one(pool, submit("toil 7")).payload == b"done"
    with WorkerPool(1, Limits(wall_seconds=2, total_seconds=3), function=FUNCTION) as pool:
        late = one(pool, submit("toil 60"))
        assert late.error_code == "timeout"
        assert "3秒" in (late.error_message or "")


def test_processor_time_is_the_backstop_when_the_wall_clock_is_not_watched(submit: Submit) -> None:
    with WorkerPool(1, Limits(wall_seconds=60, cpu_seconds=1), function=FUNCTION) as pool:
        assert one(pool, submit("loop")).error_code == "timeout"


def test_large_but_allowed_output_arrives_whole(small: WorkerPool, submit: Submit) -> None:
    outcome = one(small, submit("huge 4000000"))
    assert outcome.payload == b"x" * 4_000_000


def test_slow_reader_of_outcomes_does_not_turn_results_into_timeouts(submit: Submit) -> None:
    limits = Limits(wall_seconds=1)
    with WorkerPool(2, limits, function=FUNCTION) as pool:
        codes = []
        for outcome in pool.run([submit("huge 8000000") for _ in range(4)]):
            time.sleep(1.3)  # longer than the wall clock, while the other child waits to hand over
            codes.append(outcome.error_code)
    assert codes == [None] * 4


def test_prints_reach_neither_protocol_nor_terminal(
    small: WorkerPool, submit: Submit, capfd: pytest.CaptureFixture[str]
) -> None:
    assert one(small, submit("loud")).payload == b"quiet"
    assert capfd.readouterr() == ("", "")


def test_last_words_on_stderr_are_kept_for_maintainers(small: WorkerPool, submit: Submit) -> None:
    outcome = one(small, submit("loud_crash"))
    assert "corrupt xref table" in outcome.detail
    assert "corrupt xref table" not in (outcome.error_message or "")


def test_a_parsers_complaint_is_kept_for_maintainers(small: WorkerPool, submit: Submit) -> None:
    assert one(small, submit("fail")).detail.startswith("ValueError: a parser's own complaint (isolation_poison.py:")


def test_file_over_the_input_limit_is_not_read(submit: Submit) -> None:
    with WorkerPool(1, Limits(input_bytes=10), function=FUNCTION) as pool:
        outcomes = list(pool.run([submit("good"), submit("good but longer")]))
    assert {o.key.partition(":")[2]: o.error_code for o in outcomes} == {"good": None, "good but longer": "input"}


def test_killed_from_outside_is_retried_in_a_fresh_child_and_succeeds(small: WorkerPool, submit: Submit) -> None:
    first = int((one(small, submit("tell")).payload or b"").rpartition(b"|")[2])
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; time.sleep(0.5); os.kill({first}, {int(signal.SIGKILL)})"]
    )
    outcome = one(small, submit("rest_a_while 2"))
    killer.wait()
    assert (outcome.ok, outcome.payload, outcome.attempts) == (True, b"rested", 2)


def test_child_killed_while_idle_costs_no_file(small: WorkerPool, submit: Submit) -> None:
    first = int((one(small, submit("tell")).payload or b"").rpartition(b"|")[2])
    os.kill(first, signal.SIGKILL)
    outcome = one(small, submit("good"))
    assert outcome.payload == b"good"


def test_processes_left_behind_end_with_the_file_where_processes_are_allowed(submit: Submit) -> None:
    with WorkerPool(1, Limits(allow_processes=True), function=FUNCTION) as pool:
        outcome = one(pool, submit("fork"))
        assert outcome.ok
        assert one(pool, submit("good")).payload == b"good"
        # the number is the one in our own view: children have no process namespace of their own
        assert gone(int(outcome.payload or b"0"))


def test_number_of_processes_is_limited_where_they_are_allowed(submit: Submit) -> None:
    if os.geteuid() == 0:
        pytest.skip("the kernel does not limit the processes of root")
    with WorkerPool(1, Limits(allow_processes=True, processes=16), function=FUNCTION) as pool:
        outcome = one(pool, submit("swarm 40"))
        if "user_namespace" not in (pool.protections or ()):
            pytest.skip("this system allows no user namespaces")
        assert "BlockingIOError" in outcome.detail
        assert one(pool, submit("good")).ok


_INSIDE = """
import os, sys
from pipelines.isolation import sandbox
from pipelines.isolation.pool import Task, WorkerPool
sandbox.enter(os.environ["TMPDIR"], parent=os.getppid(), allow_processes=True)
with WorkerPool(1, function={function!r}) as pool:
    codes = [o.error_code for o in pool.run(Task(key=p, path=p, name=p) for p in sys.argv[1:])]
    print(codes, "user_namespace" in pool.protections, pool.network_isolated)
"""


def test_works_where_the_system_refuses_namespaces(submit: Submit, tmp_path: Path) -> None:
    """As in many containers: the calls that make namespaces fail, the filter of system calls remains."""
    tasks = [submit("good"), submit("fork"), submit("net 9"), submit("good")]
    done = subprocess.run(
        [sys.executable, "-c", _INSIDE.format(function=FUNCTION), *(t.path for t in tasks)],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[None, 'error', 'error', None] False True\n"


def test_no_network(small: WorkerPool, submit: Submit) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        outcome = one(small, submit(f"net {server.getsockname()[1]}"))
    if not small.network_isolated:
        pytest.skip("this system lets no one cut a process off the network")
    assert outcome.error_code == "error"


def test_no_writing_outside_the_own_folder(small: WorkerPool, submit: Submit, tmp_path: Path) -> None:
    outcome = one(small, submit(f"write {tmp_path / 'outside'}"))
    if "landlock" not in (small.protections or ()):
        pytest.skip("this kernel has no landlock")
    assert outcome.error_code == "error"
    assert not (tmp_path / "outside").exists()


def test_temporary_files_are_gone_after_the_task(small: WorkerPool, submit: Submit) -> None:
    left = Path((one(small, submit("scratch")).payload or b"").decode())
    assert left.name
    assert not left.exists()
    assert not left.parent.exists()
    assert left.parent.parent.exists()  # the child's own folder lives as long as the child


def test_pool_leaves_nothing_behind(submit: Submit) -> None:
    with WorkerPool(2, function=FUNCTION) as pool:
        where = Path((one(pool, submit("scratch")).payload or b"").decode())
        pid = int((one(pool, submit("tell")).payload or b"").rpartition(b"|")[2])
    assert gone(pid)
    base = where.parents[2]
    assert base.name.startswith("qingqian-pool-")
    assert not base.exists()


def test_missing_archive_is_an_input_error_and_keeps_the_child(
    small: WorkerPool, submit: Submit, tmp_path: Path
) -> None:
    before = one(small, submit("tell")).payload
    outcome = one(small, Task(key="k", path=str(tmp_path / "missing"), name="缺失.pdf"))
    assert (outcome.error_code, outcome.attempts) == ("input", 1)
    assert outcome.error_message == "无法读取“缺失.pdf”的存档（文件不存在），请检查存档目录和磁盘后重新运行。"
    assert one(small, submit("tell")).payload == before


def test_children_are_renewed_after_a_number_of_files_and_when_they_have_grown(submit: Submit) -> None:
    with WorkerPool(1, Limits(recycle_tasks=3), function=FUNCTION) as pool:
        pids = [o.payload for o in pool.run([submit("tell") for _ in range(7)])]
    assert [pids.count(p) for p in dict.fromkeys(pids)] == [3, 3, 1]
    with WorkerPool(1, Limits(recycle_rss_bytes=200 * MIB), function=FUNCTION) as pool:
        pids = [o.payload for o in pool.run([submit(f"grow {90 * MIB}") for _ in range(6)])]
    assert 2 <= len(set(pids)) <= 3


def test_children_know_no_secrets_and_none_of_the_heavy_libraries(
    monkeypatch: pytest.MonkeyPatch, submit: Submit
) -> None:
    monkeypatch.setenv("QINGQIAN_PASSWORD", "hunter2")
    with WorkerPool(1, function=FUNCTION) as pool:
        assert one(pool, submit("secret QINGQIAN_PASSWORD")).payload == b"not there"
        loaded = set((one(pool, submit("modules")).payload or b"").decode().split(","))
    assert "extractors" in loaded
    assert loaded.isdisjoint({"dagster", "pandas", "great_expectations", "sqlalchemy", "duckdb", "pyarrow"})


def test_dictionaries_are_loaded_once_before_the_first_file(small: WorkerPool, submit: Submit) -> None:
    assert [o.payload for o in small.run([submit("warm"), submit("warm")])] == [b"1", b"1"]


def test_installation_problem_is_said_once_instead_of_failing_every_file(submit: Submit) -> None:
    with (
        WorkerPool(1, function="no_such_module:act") as pool,
        pytest.raises(PoolError, match="no_such_module") as caught,
    ):
        list(pool.run([submit("good")]))
    assert "\n" not in str(caught.value)
    assert "Traceback" in caught.value.detail


def test_leaving_early_ends_what_is_in_flight_and_the_pool_goes_on(submit: Submit) -> None:
    with WorkerPool(2, Limits(wall_seconds=30), function=FUNCTION) as pool:
        running = pool.run([submit("good"), *(submit("loop") for _ in range(5))])
        assert next(running).ok
        running.close()
        assert {o.ok for o in pool.run([submit("good") for _ in range(5)])} == {True}


def test_tasks_are_taken_only_as_children_become_free(submit: Submit) -> None:
    taken: list[int] = []

    def source() -> Iterator[Task]:
        for number in range(50):
            taken.append(number)
            yield submit("good")

    with WorkerPool(2, function=FUNCTION) as pool:
        for done, _ in enumerate(pool.run(source()), start=1):
            assert len(taken) <= done + 4
    assert len(taken) == 50


def test_error_in_the_source_of_tasks_reaches_the_caller(submit: Submit) -> None:
    def source() -> Iterator[Task]:
        yield submit("good")
        raise OSError("listing broke")

    with WorkerPool(1, function=FUNCTION) as pool:
        with pytest.raises(OSError, match="listing broke"):
            list(pool.run(source()))
        assert one(pool, submit("good")).ok


def test_two_hundred_files_with_random_poison_are_each_accounted_for_once(submit: Submit) -> None:
    chance = random.Random(20260601)
    poison = ["kill", "abort", "segfault", "leave", "loop", "hog", "huge 5000000", "fail", "panic", "garbage", "stop"]
    words = [chance.choice(poison) if chance.random() < 0.12 else f"good {n}" for n in range(200)]
    tasks = [submit(w) for w in words]
    limits = Limits(wall_seconds=2, memory_bytes=600 * MIB, output_bytes=4 * MIB, recycle_tasks=40)
    with WorkerPool(2, limits, function=FUNCTION) as pool:
        outcomes = list(pool.run(tasks))
    assert sorted(o.key for o in outcomes) == sorted(t.key for t in tasks)
    by_key = {o.key: o for o in outcomes}
    for task, word in zip(tasks, words, strict=True):
        assert by_key[task.key].ok == word.startswith("good"), by_key[task.key]
        assert (by_key[task.key].payload == word.encode()) == word.startswith("good")


_PARENT = """
import sys
from pipelines.isolation.pool import Task, WorkerPool
with WorkerPool(2, function={function!r}) as pool:
    for outcome in pool.run([Task(key="a", path=sys.argv[1], name="a"), Task(key="b", path=sys.argv[2], name="b"),
                             Task(key="c", path=sys.argv[2], name="c")]):
        print(outcome.payload.decode(), flush=True)
"""


def test_killed_parent_leaves_no_child_and_the_next_pool_clears_its_folder(submit: Submit) -> None:
    tell, loop = submit("tell"), submit("loop")
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(function=FUNCTION), tell.path, loop.path],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("None|None|")
    children = _children_of(parent.pid)
    folders = {Path(f"/proc/{pid}/cwd").readlink() for pid in children}
    assert len(children) == 2
    parent.kill()
    parent.wait()
    assert all(gone(pid) for pid in children)
    (base,) = {next(p for p in (f, *f.parents) if p.name.startswith("qingqian-pool-")) for f in folders}
    assert base.exists()
    os.utime(base, (0, 0))  # as if an hour had passed
    with WorkerPool(1, function=FUNCTION):
        assert not base.exists()


def test_pool_in_use_is_not_swept_by_another(submit: Submit) -> None:
    with WorkerPool(1, function=FUNCTION) as first:
        where = Path((one(first, submit("scratch")).payload or b"").decode())
        os.utime(where.parents[2], (0, 0))
        with WorkerPool(1, function=FUNCTION):
            assert where.parents[2].exists()
        assert one(first, submit("good")).ok


def _children_of(pid: int) -> list[int]:
    """Direct children of a process, from /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
