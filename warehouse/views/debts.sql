-- 欠款 | The current state of every debt: what the latest ledger that names it says.
-- of: ledger_rows
-- stored: debt_id
-- first_as_of_date: 首次列入期 | Earliest period a ledger reports it for.
-- first_seen_date: 首次入库日期 | The night we first learned of it.
-- last_seen_date: 最近入库日期 | The night the latest ledger that names it came in.
-- period_count: 列入期数 | In how many periods it was reported.
-- status: 状态 | open; cleared (nothing remains); vanished (a later ledger of the same series no longer names it, though not cleared).
-- status_reported: 台账所列状态 | State in the ledger's own words.
WITH named AS (
  -- Every row counts as naming the debt, quarantined ones too: a doubtful row is not a missing one.
  SELECT r.debt_id, max(r.as_of_date) AS last_as_of_date,
         max({'day': r.as_of_date, 'key': t.series_key}) FILTER (r.as_of_date IS NOT NULL) AS newest
  FROM core.ledger_rows r
  JOIN main.ledger_tables t USING (document_id, table_index)
  WHERE r.debt_id IS NOT NULL
  GROUP BY r.debt_id
), series AS (
  SELECT series_key, max(as_of_date) AS last_as_of_date
  FROM main.ledger_tables
  WHERE about = 'arrears' AND report_type IN ('detail', 'zero')
  GROUP BY series_key
), span AS (
  SELECT debt_id, min(as_of_date) AS first_as_of_date, min(known_date) AS first_seen_date,
         count(DISTINCT as_of_date) AS period_count
  FROM main.debt_history
  GROUP BY debt_id
), latest AS (
  SELECT *
  FROM main.debt_history
  QUALIFY row_number() OVER (
    PARTITION BY debt_id ORDER BY as_of_date DESC NULLS LAST, known_date DESC, document_id, table_index, row_number
  ) = 1
)
SELECT l.debt_id, l.debtor_name, l.debtor_uscc, l.debtor_type, l.creditor_name, l.creditor_uscc, l.creditor_size,
       l.project_name, l.contract_no, l.payment_kind, l.contract_amount_yuan, l.arrears_formed_date, l.due_date,
       l.arrears_amount_yuan, l.repaid_amount_yuan, l.resolved_amount_yuan, l.remaining_amount_yuan, l.disputed,
       l.undisputed_amount_yuan, l.disputed_amount_yuan, l.dispute_reason, l.judicial_status, l.plan_method,
       l.plan_due_date, l.fund_source, l.responsible_unit, l.responsible_person, l.region_code, l.reporting_unit,
       l.as_of_date, s.first_as_of_date, s.first_seen_date, l.known_date AS last_seen_date, s.period_count,
       CASE
         WHEN l.remaining_amount_yuan = 0 THEN 'cleared'
         WHEN l.remaining_amount_yuan IS NULL AND l.repaid_amount_yuan >= l.arrears_amount_yuan THEN 'cleared'
         WHEN e.last_as_of_date > n.last_as_of_date THEN 'vanished'
         ELSE 'open'
       END AS status,
       l.status_reported, l.document_id, l.row_id, l.row_number, l.flags, l.evidence
FROM latest l
JOIN span s USING (debt_id)
JOIN named n USING (debt_id)
LEFT JOIN series e ON e.series_key = n.newest.key
