-- 企业 | Debtors and creditors, one row each: under the name of the latest ledger, with the names before.
-- of: company_names
-- name: 名称 | The name in the latest period; all of them with their periods are in `company_names`.
-- other_names: 其他名称 | The other names it stood under, latest first, separated by 、; null when there is one only.
SELECT company_id, max(CASE WHEN place = 1 THEN name END) AS name, max(uscc) AS uscc,
       string_agg(CASE WHEN place > 1 THEN name END, '、' ORDER BY place) AS other_names,
       bool_or(is_debtor) AS is_debtor, bool_or(is_creditor) AS is_creditor, min(first_as_of_date) AS first_as_of_date,
       max(last_as_of_date) AS last_as_of_date, CAST(sum(row_count) AS BIGINT) AS row_count
FROM (
  SELECT company_id, name, uscc, is_debtor, is_creditor, first_as_of_date, last_as_of_date, row_count,
         row_number() OVER (PARTITION BY company_id ORDER BY last_as_of_date DESC NULLS LAST, name) AS place
  FROM core.company_names
) n
GROUP BY company_id
