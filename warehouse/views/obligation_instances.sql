-- 时限日程 | Every day on which something falls due: limits once, cadences on each of their days from the document's date on.
-- of: time_expressions, cadence_days
-- is_recurring: 是否周期 | True for one of the days of a cadence.
-- text: 原文 | The words in the document, unchanged.
SELECT o.obligation_id, o.document_id, o.due_date AS nominal_date, o.due_date, false AS is_recurring, true AS is_certain,
       true AS is_exact, o.rule, o.action, o.strength, o.recipient, o.text
FROM main.obligations o
WHERE o.due_date IS NOT NULL AND o.kind IN ('due', 'period')
UNION ALL
SELECT o.obligation_id, o.document_id, c.nominal_date, c.due_date, true, c.is_certain, c.is_exact, o.rule, o.action,
       o.strength, o.recipient, o.text
FROM main.obligations o
JOIN main.documents d USING (document_id)
JOIN core.cadence_days c ON c.rule = o.rule AND c.nominal_date >= coalesce(d.issued_date, d.first_seen_date)
WHERE o.due_date IS NULL
