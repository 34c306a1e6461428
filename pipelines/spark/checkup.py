"""What `qingqian doctor` says about a cluster: Java, the address, its machines and the storage, each by trying it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pipelines.spark import probe
from pipelines.spark.session import check_answers, check_installed, java, session
from pipelines.spark.shared import shared_of
from pipelines.spark.troubles import NotSharedError, SparkError


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried: what, whether it is well, and a Chinese sentence."""

    what: str
    is_well: bool
    said: str


def checkup(address: str, home: Path) -> list[Check]:
    """What was tried, in order, up to the first that is not well; takes as long as a session takes to start."""
    out: list[Check] = []
    try:
        check_installed(address)
        classic = not address.startswith("sc://")
        out.append(_well("Java", java() or "") if classic else _well("Spark Connect 客户端", "已安装"))
        check_answers(address)
        out.append(_well("集群地址", f"{address} 有应答"))
        shared = shared_of(home)
        with session(address, home) as spark:
            out.append(_well("Spark 会话", f"集群版本 {spark.version}"))
            shared.open()
            try:
                machines = probe.ask(spark, address, shared)
            finally:
                shared.close()
        names = "、".join(sorted(m.host for m in machines))
        out.append(_well("集群机器", f"{names}：Python 与 qingqian 与本机一致"))
        out.append(_well("共享存储", f"{shared.mine} 两边都能读写"))
    except SparkError as e:
        out.append(Check(what=e.part, is_well=False, said=e.looked))
    except OSError as e:
        out.append(Check(what=NotSharedError.part, is_well=False, said=f"共享存储不能写（{e}）；请检查路径和权限。"))
    return out


def _well(what: str, said: str) -> Check:
    return Check(what=what, is_well=True, said=said)
