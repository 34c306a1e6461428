"""Reading is a pure function mapped over files: another executor gives the same facts, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from extractors.facts import Context
from extractors.process import process
from pipelines.isolation.pool import Outcome, Task
from pipelines.progress import Bar
from pipelines.reading import Executor, ToRead, facts_path, in_children, read_files

TEXTS = (
    "关于报送台账的通知\n各县区人民政府：\n请于6月底前将台账报送市财政局。\n2026年5月1日",
    "截至2026年6月30日，全市拖欠账款1200.50万元，已清偿300万元。",
    "",
)


class Elsewhere:
    """Stands for a cluster: reads in this process, last file first, and fails one of them."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in sorted(tasks, key=lambda t: t.name, reverse=True):
            if task.name == "2.txt":
                yield Outcome(key=task.key, ok=False, error_code="crash", error_message="机器不见了，请重跑。")
            else:
                context = msgspec.json.decode(task.context, type=Context)
                yield Outcome(key=task.key, ok=True, payload=process(Path(task.path).read_bytes(), task.name, context))


@contextmanager
def elsewhere(workers: int) -> Iterator[Executor]:
    yield Elsewhere()


def files(folder: Path) -> list[ToRead]:
    out = []
    for n, text in enumerate(TEXTS):
        path = folder / f"{n}.txt"
        path.write_text(text, "utf-8")
        file_id = hashlib.sha256(text.encode()).hexdigest()
        out.append(ToRead(file_id=file_id, archived=str(path), name=path.name, context=Context(source="inbox")))
    return out


def test_where_a_file_is_read_makes_no_difference(tmp_path: Path) -> None:
    found = files(tmp_path)
    here, there = tmp_path / "here", tmp_path / "there"
    by_children = {r.file_id: r.status for r in read_files(here, found, 2, Bar(), in_children)}
    by_cluster = {r.file_id: r for r in read_files(there, found, 2, Bar(), elsewhere)}
    assert len(by_children) == len(by_cluster) == 3
    for file in found[:2]:
        assert by_cluster[file.file_id].status == by_children[file.file_id] == "ok"
        paths = [facts_path(home, file.file_id, file.version) for home in (here, there)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    lost = by_cluster[found[2].file_id]
    assert (lost.status, lost.error_code) == ("failed", "crash")
