-- 欠款沿革 | Debts that were split or put together, with the amount that went over.
-- of: debt_lineage
SELECT l.*
FROM core.debt_lineage l
