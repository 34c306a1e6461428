-- 某期某时的欠款 | The state of every debt as reported for a period, as far as it was known on a day.
-- parameters: period DATE, known_at DATE
-- period: 报告期 | A day: ledgers that speak of it or of an earlier day count.
-- known_at: 获知日 | A day: what came in after it, corrections too, does not count.
WITH told AS (
  -- Ledgers by number: what follows sorts and joins numbers instead of ids and names.
  SELECT t.document_id, t.table_index, t.as_of_date, t.known_date, t.report_type, t.about, t.series_key,
         coalesce(t.region_code, d.region_code) AS region_code, t.reporting_unit,
         row_number() OVER (ORDER BY t.document_id, t.table_index) AS told_number,
         dense_rank() OVER (ORDER BY t.series_key) AS series_number
  FROM core.ledger_tables t
  JOIN core.documents d ON d.document_id = t.document_id
  WHERE t.known_date <= known_at::DATE AND (t.replaced_date IS NULL OR t.replaced_date > known_at::DATE)
    -- A ledger that names no day cannot speak of one after it came in.
    AND coalesce(t.as_of_date, t.known_date) <= period::DATE
), history AS (
  -- Narrow on purpose: the wide rows are fetched once at the end, by their place, for the latest of each debt only.
  SELECT r.rowid AS place, r.debt_id, r.as_of_date, t.known_date, t.series_number, t.told_number, r.row_number,
         coalesce(r.is_quarantined, false) AS is_held
  FROM core.ledger_rows r
  JOIN told t USING (document_id, table_index)
  WHERE r.debt_id IS NOT NULL AND r.debt_id NOT IN (SELECT debt_id FROM core.debt_duplicates)
), series AS (
  SELECT series_number, max(as_of_date) AS last_as_of_date
  FROM told
  WHERE about = 'arrears' AND report_type IN ('detail', 'zero')
  GROUP BY series_number
), span AS (
  -- Every row counts as naming the debt, quarantined ones too: a doubtful row is not a missing one.
  SELECT debt_id, max(as_of_date) AS last_as_of_date, arg_max(series_number, as_of_date) AS series_number,
         min(as_of_date) FILTER (WHERE NOT is_held) AS first_as_of_date,
         max(as_of_date) FILTER (WHERE NOT is_held) AS newest_as_of_date,
         min(known_date) FILTER (WHERE NOT is_held) AS first_seen_date,
         count(DISTINCT as_of_date) FILTER (WHERE NOT is_held) AS period_count
  FROM history GROUP BY debt_id
), gone_over AS (
  SELECT from_debt_id AS debt_id, min(kind) AS kind, min(as_of_date) AS as_of_date
  FROM core.debt_lineage WHERE as_of_date <= period::DATE GROUP BY from_debt_id
), latest AS (
  SELECT *
  FROM (
    SELECT h.place, h.debt_id, h.known_date, h.told_number, s.series_number, s.last_as_of_date, s.first_as_of_date,
           s.first_seen_date, s.period_count, row_number() OVER (
             PARTITION BY h.debt_id ORDER BY h.known_date DESC, h.told_number, h.row_number
           ) AS nth
    FROM history h
    JOIN span s ON s.debt_id = h.debt_id AND h.as_of_date IS NOT DISTINCT FROM s.newest_as_of_date
    WHERE NOT h.is_held
  ) ranked
  WHERE nth = 1
), split AS (
  -- What stewards split, as long as the parts add up to what the ledger says: else the whole stands.
  SELECT l.rowid AS place, x.debt_id, x.creditor_name, x.contract_no, x.arrears_amount_yuan,
         CASE WHEN l.remaining_amount_yuan = l.arrears_amount_yuan THEN x.arrears_amount_yuan
              WHEN l.remaining_amount_yuan = 0 THEN 0
              WHEN l.remaining_amount_yuan IS NOT NULL THEN x.remaining_amount_yuan END AS remaining_amount_yuan,
         CASE WHEN l.disputed_amount_yuan = l.arrears_amount_yuan THEN x.arrears_amount_yuan
              WHEN l.disputed_amount_yuan = 0 THEN 0
              WHEN l.disputed_amount_yuan IS NOT NULL THEN x.disputed_amount_yuan END AS disputed_amount_yuan,
         l.repaid_amount_yuan = l.arrears_amount_yuan - l.remaining_amount_yuan AS has_repaid,
         l.undisputed_amount_yuan + l.disputed_amount_yuan = l.arrears_amount_yuan AS has_both,
         CASE WHEN l.undisputed_amount_yuan = l.arrears_amount_yuan THEN x.arrears_amount_yuan
              WHEN l.undisputed_amount_yuan = 0 THEN 0 END AS undisputed_amount_yuan,
         CASE WHEN l.resolved_amount_yuan = 0 THEN 0 END AS resolved_amount_yuan
  FROM core.debt_parts x
  JOIN latest p ON p.debt_id = x.from_debt_id
  JOIN core.ledger_rows l ON l.rowid = p.place
  WHERE l.arrears_amount_yuan = x.whole_arrears_yuan
    AND (l.remaining_amount_yuan IS NULL OR l.remaining_amount_yuan IN (0, l.arrears_amount_yuan, x.whole_remaining_yuan))
    AND (l.disputed_amount_yuan IS NULL OR l.disputed_amount_yuan IN (0, l.arrears_amount_yuan, x.whole_disputed_yuan))
), chosen AS MATERIALIZED (
  -- All that is known of a debt beside its row, before the wide rows are fetched: joins after would carry them along.
  SELECT p.place, p.known_date, p.last_as_of_date, p.first_as_of_date, p.first_seen_date, p.period_count,
         t.region_code, t.reporting_unit, e.last_as_of_date AS series_as_of_date, g.kind AS gone_kind,
         g.as_of_date AS gone_date, x.debt_id, x.creditor_name, x.contract_no, x.arrears_amount_yuan,
         x.remaining_amount_yuan, x.disputed_amount_yuan, x.has_repaid, x.has_both, x.undisputed_amount_yuan,
         x.resolved_amount_yuan
  FROM latest p
  JOIN told t ON t.told_number = p.told_number
  LEFT JOIN series e ON e.series_number = p.series_number
  LEFT JOIN gone_over g ON g.debt_id = p.debt_id
  LEFT JOIN split x ON x.place = p.place
)
SELECT coalesce(x.debt_id, l.debt_id) AS debt_id, l.debtor_name, l.debtor_uscc, l.debtor_type,
       coalesce(x.creditor_name, l.creditor_name) AS creditor_name,
       CASE WHEN x.creditor_name IS NULL THEN l.creditor_uscc END AS creditor_uscc,
       CASE WHEN x.creditor_name IS NULL THEN l.creditor_size END AS creditor_size,
       l.project_name, coalesce(x.contract_no, l.contract_no) AS contract_no, l.contract_date, l.payment_kind,
       CASE WHEN x.debt_id IS NULL THEN l.contract_amount_yuan END AS contract_amount_yuan, l.delivery_date,
       l.delivery_date_precision, l.arrears_formed_date, l.due_date, l.due_date_precision,
       coalesce(x.arrears_amount_yuan, l.arrears_amount_yuan) AS arrears_amount_yuan,
       CASE WHEN x.debt_id IS NULL THEN l.repaid_amount_yuan
            WHEN x.has_repaid THEN x.arrears_amount_yuan - x.remaining_amount_yuan END AS repaid_amount_yuan,
       CASE WHEN x.debt_id IS NULL THEN l.resolved_amount_yuan ELSE x.resolved_amount_yuan END AS resolved_amount_yuan,
       CASE WHEN x.debt_id IS NULL THEN l.remaining_amount_yuan ELSE x.remaining_amount_yuan END
         AS remaining_amount_yuan, l.disputed,
       CASE WHEN x.debt_id IS NULL THEN l.undisputed_amount_yuan
            WHEN x.has_both THEN x.arrears_amount_yuan - x.disputed_amount_yuan
            ELSE x.undisputed_amount_yuan END AS undisputed_amount_yuan,
       CASE WHEN x.debt_id IS NULL THEN l.disputed_amount_yuan ELSE x.disputed_amount_yuan END AS disputed_amount_yuan,
       l.dispute_reason, l.judicial_status, l.plan_method,
       l.plan_due_date, l.fund_source, l.responsible_unit, l.responsible_person,
       coalesce(l.region_code, x.region_code) AS region_code,
       coalesce(l.reporting_unit, x.reporting_unit) AS reporting_unit, l.as_of_date, x.first_as_of_date,
       x.first_seen_date, x.known_date AS last_seen_date, x.period_count,
       CASE
         WHEN coalesce(x.remaining_amount_yuan, l.remaining_amount_yuan) = 0 THEN 'cleared'
         WHEN l.remaining_amount_yuan IS NULL AND l.repaid_amount_yuan >= l.arrears_amount_yuan THEN 'cleared'
         WHEN x.series_as_of_date > x.last_as_of_date THEN
           CASE WHEN x.gone_date > x.last_as_of_date THEN x.gone_kind ELSE 'vanished' END
         ELSE 'open'
       END AS status,
       l.status AS status_reported, l.match_reason, l.match_confidence, l.document_id, l.table_index, l.row_id,
       l.row_number, l.flags, l.evidence
FROM chosen x
JOIN core.ledger_rows l ON l.rowid = x.place
