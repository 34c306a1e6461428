"""Whether a lakehouse can be used from this machine: extensions, catalog, storage, what it holds."""

from __future__ import annotations

import os
from pathlib import Path

from warehouse.engine import LAKE_DATA, Engine, EngineError
from warehouse.lake.attach import LakeError, attach, opened, place_of, said
from warehouse.lake.load import publication_of
from warehouse.lake.storage import is_bucket


def describe_lake(engine: Engine) -> tuple[str, bool]:
    """One Chinese sentence on extensions, catalog, storage and the night it holds; False when one of them is not well.

    Nothing is written.
    """
    import duckdb

    data = engine.data
    try:
        place = place_of(engine)
        data = place.data
        told: dict[str, str] = {}
        if place.is_made:
            with attach(engine, place, read_only=True) as lake:
                told = publication_of(lake)
                if told:  # read from the storage, not from the catalog alone
                    lake.execute("SELECT max(digest) FROM lake.core.loaded").fetchone()
        elif is_bucket(data):
            with opened(data) as plain:
                plain.execute("SELECT count(*) FROM glob(?)", [f"{data}/*"]).fetchone()
        elif not os.access(next(p for p in (Path(data), *Path(data).parents) if p.exists()), os.W_OK):
            return f"湖仓的文件夹 {data} 不可写；请改权限，或改 {LAKE_DATA}。", False
    except (EngineError, LakeError) as e:
        return str(e), False
    except (duckdb.Error, OSError) as e:
        return f"湖仓 {engine.name} 的文件读不了（{said(e, engine)}）；请检查存放处 {data}、密钥和权限。", False
    holds = f"装有 {told['night']} 这一夜的仓库" if "night" in told else "还没有装入仓库，下一夜装入"
    return f"{engine.name} 能连接，文件在 {data}，{holds}", True
