-- 收到的报表 | Ledgers, summaries and zero reports that came in: who reported for which period, and when we had it.
-- of: ledger_tables
-- received_date: 收到日期 | The night it came in.
SELECT t.document_id, t.table_index, t.region_code, t.reporting_unit, t.about, t.report_type, t.as_of_date,
       t.known_date AS received_date, t.replaced_date, t.row_count
FROM main.ledger_tables t
