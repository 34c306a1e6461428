-- 拆分欠款 | What stewards split debts into, with what the listed debt says of its parties.
-- of: debt_parts, ledger_rows
SELECT p.*
FROM core.debt_parts p
