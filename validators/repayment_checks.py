"""Written rules on what a ledger calls repaid: paid by paper, resolved counted as paid, said to be cleared, unproven.

The national audit of 2020 found repayments by agreement, bills and offsets booked as cleared; a promise to pay is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from validators.arithmetic import fen
from validators.checks import Check
from validators.conditions import as_mask
from validators.ledger_checks import ARREARS, REMAINING, REPAID, RESOLVED, naming

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    BoolArray = npt.NDArray[np.bool_]

# Promises, bills and offsets. A bank's acceptance (银行承兑) is payable by the bank and no promise of the debtor.
PAPER = (
    r"协议|商票|商业承兑|商业汇票|电子(?:债权)?凭证|供应链(?:票据|凭证)|云信|应收账款凭证|"
    r"抵账|抵债|抵顶|抵扣|以房|以物|以货|债权转让|债务转移|债转股|承诺|挂账|借条|白条"
)
CLEARED = r"^(?:已|全部|已全部)?(?:清偿|清欠|支付|付清|结清|还清|销号|办结|清零|兑付)(?:完毕|到位)?$|^已(?:完成|完结)$"
UNPAID = r"^(?:尚)?未(?:清偿|支付|付|清欠|还|兑付|化解)$"
PROOFS = ("repaid_date", "repaid_method", "voucher")


def cleared_by_paper(table: pa.Table) -> BoolArray:
    """Something counts as repaid, and the way of payment is a promise, a bill or an offset."""
    import pyarrow.compute as pc

    repaid, given = fen(table.column(REPAID))
    return as_mask(pc.match_substring_regex(table.column("repaid_method"), PAPER)) & given & (repaid > 0)


def resolved_in_repaid(table: pa.Table) -> BoolArray:
    """The balance holds only if what was resolved otherwise is part of what is called repaid."""
    amounts = {c: fen(table.column(c)) for c in (ARREARS, REPAID, RESOLVED, REMAINING)}
    there = np.logical_and.reduce([given for _, given in amounts.values()])
    arrears, repaid, resolved, remaining = (amounts[c][0] for c in (ARREARS, REPAID, RESOLVED, REMAINING))
    inside: BoolArray = (resolved > 0) & (repaid > resolved) & (arrears - repaid == remaining)
    failing: BoolArray = there & inside
    return failing


def status_contradicts(table: pa.Table) -> BoolArray:
    """Said to be cleared with something remaining, or said to be unpaid with nothing remaining."""
    import pyarrow.compute as pc

    remaining, given = fen(table.column(REMAINING))
    arrears, owed = fen(table.column(ARREARS))
    said_cleared = as_mask(pc.match_substring_regex(table.column("status"), CLEARED))
    said_unpaid = as_mask(pc.match_substring_regex(table.column("status"), UNPAID))
    failing: BoolArray = given & (
        (said_cleared & (remaining > 0)) | (said_unpaid & (remaining == 0) & owed & (arrears > 0))
    )
    return failing


def unproven(table: pa.Table) -> BoolArray:
    """Repaid without date, way or voucher in a ledger that gives them for most other repayments.

    A ledger that has no such columns, or leaves them blank throughout, is not asked row by row.
    """
    repaid, given = fen(table.column(REPAID))
    paid = given & (repaid > 0)
    proven = np.zeros(table.num_rows, dtype=np.bool_)
    for column in PROOFS:
        proven |= table.column(column).is_valid().combine_chunks().to_numpy(zero_copy_only=False)
    doubtful = np.flatnonzero(paid & ~proven)
    if not doubtful.size:
        return np.zeros(table.num_rows, dtype=np.bool_)
    _, group = np.unique(_table_ids(table), return_inverse=True)
    good = np.bincount(group[paid & proven], minlength=group.max() + 1)
    bad = np.bincount(group[paid & ~proven], minlength=group.max() + 1)
    failing = np.zeros(table.num_rows, dtype=np.bool_)
    failing[doubtful] = good[group[doubtful]] > bad[group[doubtful]]
    return failing


def _table_ids(table: pa.Table) -> npt.NDArray[np.int64]:
    """A number for each ledger table, the same for its rows."""
    documents = table.column("document_id").combine_chunks().dictionary_encode().indices
    codes = documents.to_numpy(zero_copy_only=False).astype(np.int64)
    indexes = table.column("table_index").combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    ids: npt.NDArray[np.int64] = codes * 100_000 + indexes
    return ids


CHECKS: tuple[Check, ...] = (
    Check(
        "cleared_by_paper",
        "satisfies",
        ("repaid_method", REPAID),
        "repaid_method",
        failing=cleared_by_paper,
        explain=naming(method="repaid_method", repaid=REPAID),
    ),
    Check(
        "resolved_in_repaid",
        "satisfies",
        (ARREARS, REPAID, RESOLVED, REMAINING),
        RESOLVED,
        failing=resolved_in_repaid,
        explain=naming(repaid=REPAID, resolved=RESOLVED, arrears=ARREARS, remaining=REMAINING),
    ),
    Check(
        "status_contradicts_remaining",
        "satisfies",
        ("status", ARREARS, REMAINING),
        "status",
        failing=status_contradicts,
        explain=naming(status="status", remaining=REMAINING),
    ),
    Check(
        "repaid_unproven",
        "satisfies",
        ("document_id", "table_index", REPAID, *PROOFS),
        REPAID,
        failing=unproven,
        explain=naming(repaid=REPAID),
    ),
)
