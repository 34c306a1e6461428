"""Write the invented inbox: `python -m samples.build [DIR]` (default: samples/inbox beside this file).

The same bytes every time and everywhere; the files in the repository are what this script writes, and a test holds
them to it. What trouble is planted where is told in `samples/README.md`.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

from samples import ledgers
from samples.debts import JINGDE, JIXI, JULY, JUNE, jingde, jixi, total
from samples.layout import Grid, pieces, to_docx, to_html, to_text
from samples.packed import to_mail, to_zip
from samples.printed import to_pdf

HOME = Path(__file__).resolve().parent / "inbox"
TEXTS = Path(__file__).resolve().parent / "texts"

_MEMBERS = Grid(
    (
        ("单位", "联络员", "职务"),
        ("市经济和信息化局", "梅一舟", "企业服务科科长"),
        ("市财政局", "査如松", "经济建设科副科长"),
        ("市住房城乡建设局", "奚望川", "建筑业管理科科长"),
        ("市审计局", "管若谷", "固定资产投资审计科科长"),
    )
)
_DISCLOSURE = Grid(
    (
        ("是否存在逾期尚未支付中小企业款项", "合同数量（个）", "逾期尚未支付金额（万元）"),
        ("是", "5", "86.40"),
    )
)


def words(name: str) -> str:
    """One of the circulars in `texts/`, in the notation of `layout.pieces`: places exist, the rest is made up."""
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


def files() -> dict[str, bytes]:
    """Name and bytes of every file of the inbox."""
    jixi_books, jingde_books = jixi(), jingde()
    out: dict[str, bytes] = {}

    def text(name: str, source: str, encoding: str = "utf-8") -> None:
        out[name] = to_text(pieces(source)).encode(encoding)

    out["2026-05-12_宣城市_集中排查清偿通知.pdf"] = to_pdf(
        pieces(words("city_notice")), "关于开展2026年拖欠中小企业账款集中排查清偿工作的通知"
    )
    text("2026-05-20_绩溪县_清欠百日行动方案.txt", words("county_plan"))
    out["2026-06-03_溆浦县_投诉办理通知.html"] = to_html(
        pieces(words("web_notice")),
        title="溆浦县工业和信息化局关于做好拖欠中小企业账款投诉办理工作的通知",
        site="溆浦县人民政府",
        published="2026-06-04",
        source="溆浦县工业和信息化局",
    )
    text("2026-06-08_旌德县_补报台账通知.txt", words("late_circular"), "gb18030")
    out["2026-06-10_宣城市_成立清欠专班通知.docx"] = to_docx(
        pieces(words("task_force"), {"members": _MEMBERS}), "关于成立市清欠工作专班的通知"
    )
    text("2026-07-02_环县_第47号建议答复.txt", words("reply"))
    text("2026-07-02_绩溪县松坪乡_零报告.txt", words("zero_report"))
    out["2026-07-06_河池市_工作情况汇报.docx"] = to_docx(pieces(words("report")), "河池市清理拖欠企业账款工作情况汇报")
    out["2026-07-09_宣城市_二季度通报.docx"] = to_docx(
        pieces(_bulletin(), {"ranking": _ranking()}), "关于2026年第二季度清欠工作进展情况的通报"
    )
    letter = to_pdf(pieces(words("urging_letter")), "关于督办旌德县有关拖欠账款问题的函")
    out["2026-07-13_宣城市_督办函.pdf"] = letter
    out["2026-07-15_宣城市_转发督办函.eml"] = to_mail(
        subject="关于转发督办函的通知",
        sender="宣城市清欠办 <qqb@xuancheng.example>",
        to="各县清欠办 <lly@xuancheng.example>",
        date="Wed, 15 Jul 2026 10:20:00 +0800",
        body=to_text(pieces(words("forward_mail"))),
        name="附件：督办函.pdf",
        attachment=letter,
    )
    out["2026-08-06_绩溪县_乡镇零报告.zip"] = to_zip(
        {
            f"乡镇/{place}_零报告.txt": to_text(
                pieces(words("zero_report_july").format(place=place, day=day, writer=writer, checker=checker))
            ).encode(encoding)
            for place, day, writer, checker, encoding in (
                ("云岭乡", 3, "方知微", "章以宁", "gb18030"),
                ("双溪镇", 4, "汪叙白", "胡景行", "utf-8"),
            )
        }
    )
    # cut off in transmission: the head of a PDF without its tables
    out["2026-07-14_宣城市_督办函_扫描件.pdf"] = letter[: len(letter) // 3] + bytes(512)
    out["2026-03-27_绩溪县住建局_逾期款项公示.html"] = to_html(
        pieces(words("disclosure"), {"disclosure": _DISCLOSURE}),
        title="绩溪县住房和城乡建设局2025年度逾期尚未支付中小企业款项信息公示",
        site="绩溪县人民政府",
        published="2026-03-27",
        source="绩溪县住房和城乡建设局",
    )
    out["台账_绩溪县_2026年6月.xlsx"] = ledgers.workbook(JIXI, jixi_books[0], JUNE, dt.date(2026, 7, 3))
    out["台账_绩溪县_2026年7月.xlsx"] = ledgers.workbook(JIXI, jixi_books[1], JULY, dt.date(2026, 8, 4))
    out["台账_旌德县_2026年6月.csv"] = ledgers.table(JINGDE, jingde_books[0], JUNE, dt.date(2026, 7, 3)).encode(
        "gb18030"
    )
    slip = Decimal(36000)
    out["台账_旌德县_2026年7月.csv"] = ledgers.table(
        JINGDE, jingde_books[1], JULY, dt.date(2026, 8, 5), slip=slip
    ).encode("utf-8-sig")
    out["汇总_宣城市_2026年7月.xlsx"] = ledgers.summary(ledgers.city_rows(JULY))
    return out


def _bulletin() -> str:
    """The quarterly bulletin with the figures of the ledgers; what 旌德县 still owes is wrong by 100 万元."""
    rows = ledgers.city_rows(JUNE)
    whole, cleared = sum(r.whole for r in rows), sum(r.cleared for r in rows)
    values = {
        "total": whole,
        "cleared": cleared,
        "remaining": whole - cleared,
        "disputed": whole - sum(r.undisputed for r in rows),
    }
    for name, debts in (("jixi", jixi()[0]), ("jingde", jingde()[0])):
        values[f"{name}_total"] = total(debts, "arrears")
        values[f"{name}_cleared"] = total(debts, "repaid")
        values[f"{name}_remaining"] = total(debts, "remaining")
    values["jingde_wrong"] = values.pop("jingde_remaining") + 1_000_000
    return words("bulletin").format(**{k: f"{v / 10000:.2f}" for k, v in values.items()})


def _ranking() -> Grid:
    """The bulletin's table, best rate first."""
    rows = sorted(ledgers.city_rows(JUNE), key=lambda r: r.rate, reverse=True)
    lines = [
        (str(rank), r.name, *(f"{v / 10000:.2f}" for v in (r.whole, r.cleared, r.whole - r.cleared)), f"{r.rate:.2%}")
        for rank, r in enumerate(rows, start=1)
    ]
    return Grid((("排名", "县（市、区）", "台账总额", "已清偿", "剩余金额", "清偿率"), *lines))


def build(folder: Path) -> list[Path]:
    """Write all files into `folder`, which is made if need be; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in files().items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths


if __name__ == "__main__":
    for written in build(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME):
        sys.stdout.write(f"{written}\n")
