-- 欠款 | The current state of every debt: what the latest ledger that names it says.
-- of: ledger_rows
-- stored: debt_id
-- first_as_of_date: 首次列入期 | Earliest period a ledger reports it for.
-- first_seen_date: 首次入库日期 | The night we first learned of it.
-- last_seen_date: 最近入库日期 | The night the latest ledger that names it came in.
-- period_count: 列入期数 | In how many periods it was reported.
-- status: 状态 | open; cleared (nothing remains); vanished (a later ledger of the same series no longer names it, though not cleared); split or merge (it went over into other debts, see debt_lineage).
-- status_reported: 台账所列状态 | State in the ledger's own words.
SELECT *
FROM main.debts_as_of(DATE '9999-12-31', DATE '9999-12-31')
