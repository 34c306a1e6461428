"""One night, step by step: what the Dagster assets call. Each step does only what is left to do, and may be repeated.

The steps keep nothing in memory for one another; what one did is found again on disk and in the state store, so a
night that was killed goes on from where the last whole file was written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from extractors.facts import Context
from pipelines.auditing import Audited, audit_parts, load_audit
from pipelines.children import left_out, records_of
from pipelines.configured import Configured, configured, keep_configured, tell_broken
from pipelines.door import stop_marked, welcome
from pipelines.executors import WithFallback
from pipelines.freshness import Freshness, freshness, tell_silence
from pipelines.intake import Pulled, take_in
from pipelines.kept_there import facts_there, found_again, keep_facts, originals_there, tell_originals, unread
from pipelines.progress import Bar
from pipelines.reading import (
    About,
    Executors,
    Read,
    ToRead,
    add_notice,
    facts_path,
    in_children,
    kept_open,
    load_facts,
    read_files,
    read_of,
)
from pipelines.source_audit import source_audit
from pipelines.source_lookups import context_of
from pipelines.sources import Source, folder_source
from pipelines.staging import clear_given, part_of, stage_file, staged_part, take_given
from pipelines.taught import taught_context
from pipelines.telling.journal import note
from pipelines.telling.room import tell_room
from pipelines.telling.tell import tell
from warehouse.archive import archive_path
from warehouse.decisions import in_force
from warehouse.lookups import headers_taught
from warehouse.parts import Manifest, clean_after_crash, clean_leftovers
from warehouse.state import Provenance, State, WorkStatus, open_state
from warehouse.state_children import children_of, keep_children, see_children
from warehouse.state_releases import released_files
from warehouse.state_stopped import stopped_files
from warehouse.state_troubles import Trouble, begin_trouble, end_trouble, standing_troubles

CRASH = "crash"  # in place of a step: the process that ran the night is gone
_WORK_STATUS: dict[str, WorkStatus] = {"ok": "read", "partial": "partial", "failed": "quarantined"}


class Night:
    """A home, its sources and the means to work one night. Steps in order: pull, read, stage, audit, build, publish."""

    def __init__(
        self,
        *,
        home: Path,
        inbox: Path | None = None,
        workers: int = 2,
        bar: Bar | None = None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        executors: Executors = in_children,
    ) -> None:
        self.home = home
        self.inbox = inbox
        self.workers = workers
        self.bar = bar or Bar()
        self.clock = clock
        self.executors = executors

    def sources(self) -> tuple[Source, ...]:
        """The sources of this night: those whose configuration is in order."""
        with self.open() as state:
            return self._configured(state).sources

    def _configured(self, state: State) -> Configured:
        if self.inbox is not None:
            return Configured(sources=(folder_source(self.inbox),))
        return configured(self.home, state)

    def open(self) -> State:
        """The state store, to be used as a context manager."""
        return open_state(self.home)

    # Steps -----------------------------------------------------------------------------------------------------

    def pull(self, night: dt.date, run_id: str) -> Pulled:
        """Record the run's start, clear what a crash left half written, and take in what the sources show."""
        clean_leftovers(self.home)
        with self.open() as state:
            if state.start_run(run_id, as_of=night, now=self.clock()) or len(state.runs(limit=2)) == 1:
                clean_after_crash(self.home)  # the run before was cut off, or what knew of it is lost
            found = self._configured(state)
            tell_broken(state, found.broken, self.clock())
            tell_room(self.home, state, self.clock())
            if self.inbox is None:
                keep_configured(self.home, state, self.clock())
            there = originals_there(self.home, state)
            pulled = take_in(
                self.home, state, found.sources, night=night, now=self.clock(), bar=self.bar, there=there
            )  # fmt: skip
            tell_originals(self.home, state, there, self.clock())
            tell_silence(state, freshness(state, found.sources, self.clock()), self.clock())
        note(self.home, self.clock(), "pulled", run_id=run_id, as_of=night.isoformat(), counts=pulled.counts)
        return pulled

    def read(self, night: dt.date) -> list[dict[str, Any]]:
        """Read every file that has not been read under the version at hand; what was read, one row a file.

        Files found inside files are read in the rounds that follow.
        """
        out: list[dict[str, Any]] = []
        with self.open() as state, kept_open(self.executors) as executors:
            while True:
                files = list(self._to_read(state))
                done = {v: state.work(v) for v in {f.version for f, _ in files}}
                for file in found_again(self.home, (f for f, _ in files), done):
                    unread(self.home, file)
                there = facts_there(done)
                missing = [f for f, _ in files if not self._has_facts(f, there)]
                self.bar.start("读取抽取", len(missing))
                read = {r.file_id: r for r in read_files(self.home, missing, self.workers, self.bar, executors)}
                keep_facts(
                    self.home,
                    (f for f, _ in files if f.file_id in read or (f.version, f.file_id) not in there),
                )
                settled = 0
                for file, provenance in files:
                    if file.file_id not in read and file.file_id in done[file.version]:
                        continue
                    result = self._settle(state, file, read.get(file.file_id) or self._known(file), night)
                    settled += result.children > 0
                    if file.file_id in read:
                        out.append({"path": provenance.path, **msgspec.structs.asdict(result)})
                if settled:
                    continue
                stop_marked(self.home, state, now=self.clock())
                if not (read and self._taught(state)):
                    self._tell_away(state)
                    return out

    def _has_facts(self, file: ToRead, there: frozenset[tuple[str, str]]) -> bool:
        return (file.version, file.file_id) in there or facts_path(self.home, file.file_id, file.version).is_file()

    def _tell_away(self, state: State) -> None:
        """A night that was read here because the cluster was away: people are told, once until it is back."""
        away = self.executors.away if isinstance(self.executors, WithFallback) else None
        if away is None:
            end_trouble(state, "executor", now=self.clock())
            return
        message = f"今夜改在本机读取：{away}"
        begin_trouble(state, "executor", kind="executor", subject="Spark 集群", message=message, now=self.clock())

    def _settle(self, state: State, file: ToRead, result: Read, night: dt.date) -> Read:
        """Record how reading a file ended, and the files it holds."""
        with state.transaction():
            if result.children:
                result = self._keep_children(state, file, result, night)
            elif children_of(state, file.file_id):  # an earlier version of the readers found some
                keep_children(state, file.file_id, ())
                self._see_children(state, file.file_id, night)
            state.finish_work(
                file.file_id,
                file.version,
                _WORK_STATUS[result.status],
                now=self.clock(),
                error_code=result.error_code,
                error_message=result.error_message,
            )
        return result

    def _keep_children(self, state: State, file: ToRead, result: Read, night: dt.date) -> Read:
        extraction = load_facts(self.home, file.file_id, file.version)
        records = None if extraction is None else records_of(self.home, extraction)
        if records is None:  # facts or bytes damaged since: once more from the archive
            self._read_again(file)
            extraction = load_facts(self.home, file.file_id, file.version)
            records = None if extraction is None else records_of(self.home, extraction)
        if extraction is None or records is None:
            raise OSError(f"刚写下的结果读不回来：{facts_path(self.home, file.file_id, file.version)}；请检查磁盘")
        keep_children(state, file.file_id, records)
        if file.context.released:
            welcome(state, (r.child_id for r in records), now=self.clock())
        left = self._see_children(state, file.file_id, night)
        if left:
            extraction = add_notice(self.home, file, extraction, left_out(file.name, left))
            keep_facts(self.home, [file])
        return read_of(file, extraction, result.seconds)

    def _see_children(self, state: State, file_id: str, night: dt.date) -> list[str]:
        """Record what a file holds below every path it lies at; the paths left out because of limits."""
        left: list[str] = []
        for p in state.provenance(file_id):
            if p.is_current:
                left += see_children(state, file_id, source=p.source, path=p.path, night=night, now=self.clock())
        return left

    def stage(self, night: dt.date) -> list[dict[str, Any]]:
        """Stage every file that was read and not staged; the parts written, one row each."""
        out: list[dict[str, Any]] = []
        with self.open() as state:
            for file, provenance in self._to_read(state):
                if staged_part(self.home, file) is None:
                    self.bar.describe(f"整理入库行 {provenance.path}")
                    part = take_given(self.home, file) or self._stage(file)
                    out.append({"file_id": file.file_id, "path": provenance.path, "rows": part.rows})
        clear_given(self.home)
        return out

    def audit(self, night: dt.date) -> Audited:
        """Audit every part that was not audited under the validators' version."""
        with self.open() as state:
            parts = [p for f, _ in self._to_read(state) if (p := staged_part(self.home, f)) is not None]
        todo = [p for p in parts if load_audit(self.home, p) is None]
        if not todo:
            return Audited()
        self.bar.describe(f"校验 {len(todo)} 个文件")
        return audit_parts(self.home, todo)

    def build(self, night: dt.date, run_id: str) -> dict[str, Any]:
        """Build the candidate and reconcile it, unless the published warehouse is made of the same inputs."""
        from pipelines.loading import build

        self.bar.describe("建库、对账")
        with self.open() as state:
            files = {f.file_id: f for f, _ in self._to_read(state)}
            parts = [staged_part(self.home, f) or self._whole_part(f) for f in files.values()]
            told = source_audit(self._configured(state).remembered)
            return build(
                self.home, state, parts, night=night, run_id=run_id, now=self.clock(), told=told,
                mended=lambda part: self._whole_part(files[part.file_id]),
            )  # fmt: skip

    def publish(
        self, built: dict[str, Any], pulled: list[dict[str, Any]], night: dt.date, run_id: str
    ) -> dict[str, Any]:
        """Swap the candidate in, if there is one, record the run's end, and return the summary of the contract."""
        from pipelines.audit_page import write_page
        from pipelines.loading import publish

        self.bar.describe("发布")
        with self.open() as state:
            summary = publish(self.home, state, built, pulled, night=night, run_id=run_id, now=self.clock())
            told = source_audit(self._configured(state).remembered)
        try:
            page = write_page(self.home, Path(summary["warehouse"]), summary, told)
        except OSError as e:  # the night is published: that its page cannot be kept is a trouble to tell
            trouble = {
                "path": "audit",
                "code": "audit_page",
                "message": f"审核页写不进去（{e}）；请检查磁盘空间和权限。",
            }
            return {**summary, "audit_page": None, "troubles": [*summary["troubles"], trouble]}
        return {**summary, "audit_page": str(page)}

    def failed(self, run_id: str, step: str = "") -> None:
        """Record that a run did not come to its end, and tell people, once for as long as nights fail."""
        now = self.clock()
        with self.open() as state:
            if not any(r.run_id == run_id and r.status == "running" for r in state.runs()):
                return
            state.end_run(run_id, "failed", counts={}, now=now)
            message = (
                f"夜间任务在“{step}”一步失败，已发布的仓库没有变动；原因见 Dagster 运行 {run_id[:8]}，排除后重跑即可"
            )
            begin_trouble(state, "night", kind="night", subject="夜间任务", message=message, now=now)
            note(self.home, now, "night_failed", run_id=run_id, step=step)
            tell(self.home, state, now)

    def ended(self, run_id: str) -> None:
        """A run came to its end: earlier failures are over; tell people."""
        now = self.clock()
        with self.open() as state:
            end_trouble(state, "night", now=now)
            run = next(r for r in state.runs() if r.run_id == run_id)
            note(self.home, now, "night_done", run_id=run_id, as_of=run.as_of.isoformat(), **run.counts)
            tell(self.home, state, now)

    def is_in_trouble(self) -> bool:
        """True while nights fail."""
        with self.open() as state:
            return any(t.kind == "night" for t in standing_troubles(state))

    def troubles(self) -> list[Trouble]:
        """What is wrong now."""
        with self.open() as state:
            return standing_troubles(state)

    def source_freshness(self) -> list[Freshness]:
        """How long each source has been silent."""
        with self.open() as state:
            return freshness(state, self._configured(state).sources, self.clock())

    def forget(self, source: str) -> int:
        """Have the files of a source read again (after a reader or a word list was mended by hand); how many."""
        with self.open() as state:
            files = [f for f, p in self._to_read(state) if p.source == source]
        for file in files:
            unread(self.home, file)
        return len(files)

    # What there is to do ---------------------------------------------------------------------------------------

    def _to_read(self, state: State) -> Iterator[tuple[ToRead, Provenance]]:
        """Every archived file with the context its source gives, in the order of ids. Ignored files have no work."""
        contexts = {s.name: context_of(s) for s in self._configured(state).remembered}
        taught = self._taught(state)
        paths: dict[str, Provenance] = {}
        for p in state.provenance():
            if p.file_id not in paths or (p.is_current and not paths[p.file_id].is_current):
                paths[p.file_id] = p
        stopped, released = stopped_files(state), released_files(state)
        for record in state.files():
            if record.state == "ignored" or record.file_id in stopped:
                continue
            provenance = paths[record.file_id]
            context = contexts.get(provenance.source) or Context(source=provenance.source)
            if record.file_id in released:
                context = msgspec.structs.replace(context, released=True)
            file = ToRead(
                file_id=record.file_id,
                archived=str(archive_path(self.home, record.file_id)),
                name=Path(provenance.path).name,
                context=context,
                about=About(
                    path=provenance.path,
                    source=provenance.source,
                    parent_id=provenance.parent_id,
                    first_seen_date=record.first_seen_date,
                ),
            )
            mine = taught_context(self.home, file, taught.get(provenance.source, {}))
            yield msgspec.structs.replace(file, context=mine), provenance

    def _taught(self, state: State) -> dict[str, dict[str, str]]:
        """Headers that stewards taught, by source. Decisions of this kind do not end on a day."""
        return headers_taught(in_force(state, dt.date.max))

    def _known(self, file: ToRead) -> Read:
        """What became of a file that an earlier, interrupted night read."""
        extraction = load_facts(self.home, file.file_id, file.version)
        if extraction is None:
            return self._read_again(file)
        return read_of(file, extraction)

    def _read_again(self, file: ToRead) -> Read:
        """Facts that were damaged since, once more from the original."""
        (read,) = read_files(self.home, [file], 1, self.bar)
        keep_facts(self.home, [file])
        return read

    def _stage(self, file: ToRead) -> Manifest:
        extraction = load_facts(self.home, file.file_id, file.version)
        if extraction is None:  # damaged since: once more from the archive
            self._read_again(file)
            extraction = load_facts(self.home, file.file_id, file.version)
        if extraction is None:
            raise OSError(f"刚写下的结果读不回来：{facts_path(self.home, file.file_id, file.version)}；请检查磁盘")
        return stage_file(self.home, file, extraction)

    def _whole_part(self, file: ToRead) -> Manifest:
        """A part whose every file agrees with its manifest; a damaged one is staged and audited again."""
        part = part_of(self.home, file)
        if part is not None:
            return part
        staged = self._stage(file)
        if load_audit(self.home, staged) is None:
            audit_parts(self.home, [staged])
        return staged
