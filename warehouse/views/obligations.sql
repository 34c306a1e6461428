-- 时限义务 | What must be done by when: limits, cadences, windows and effective dates, one row each.
-- of: time_expressions
-- text: 原文 | The words in the document, unchanged.
SELECT obligation_id, document_id, kind, subtype, due_date, period_start_date, period_end_date, rule, resolved, action,
       strength, recipient, is_past_at_issue, year_source, raw_text AS text, start_offset, end_offset, extraction_rule,
       origin, flags, evidence
FROM main.time_expressions
WHERE is_obligation
