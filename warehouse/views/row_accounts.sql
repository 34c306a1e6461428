-- 行数对账 | For each ledger table: rows read from the file, and what became of every one; `gap_rows` must be 0.
-- of: ledger_tables, documents
-- read_rows: 读出行数 | Rows that the reader counted in the file.
-- loaded_rows: 入库行数 | Rows that count.
-- quarantined_rows: 隔离行数 | Rows held back, each with its finding.
-- superseded_rows: 已被取代行数 | Rows of a file that other bytes or a later filing took the place of.
-- gap_rows: 差额 | Rows read less all of these: rows that got lost on the way.
SELECT t.document_id, t.table_index, d.source, d.path, d.status, t.row_count AS read_rows,
       coalesce(n.loaded, 0) AS loaded_rows, coalesce(n.quarantined, 0) AS quarantined_rows,
       coalesce(n.superseded, 0) AS superseded_rows,
       t.row_count - coalesce(n.loaded, 0) - coalesce(n.quarantined, 0) - coalesce(n.superseded, 0) AS gap_rows
FROM core.ledger_tables t
JOIN core.documents d ON d.document_id = t.document_id
LEFT JOIN (
  SELECT document_id, table_index,
         sum(CASE WHEN fate = 'loaded' THEN 1 ELSE 0 END)::BIGINT AS loaded,
         sum(CASE WHEN fate = 'quarantined' THEN 1 ELSE 0 END)::BIGINT AS quarantined,
         sum(CASE WHEN fate = 'superseded' THEN 1 ELSE 0 END)::BIGINT AS superseded
  FROM (
    SELECT document_id, table_index,
           CASE WHEN is_superseded OR replaced_date IS NOT NULL THEN 'superseded'
                WHEN is_quarantined THEN 'quarantined' ELSE 'loaded' END AS fate
    FROM core.ledger_rows
  ) fates
  GROUP BY document_id, table_index
) n ON n.document_id = t.document_id AND n.table_index = t.table_index
