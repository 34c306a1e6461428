-- 责任事项 | Who must do what by when: every dated instance of an obligation with each unit that must act.
-- of: time_expressions, obligation_units, cadence_days, documents
-- is_recurring: 是否周期 | True for one of the days of a cadence.
-- text: 原文 | The words in the document, unchanged.
-- unit: 责任单位 | The unit in the document's own words; null where it names none.
SELECT i.obligation_id, i.due_date, i.nominal_date, i.is_recurring, i.is_certain, i.is_exact, u.unit, u.unit_name,
       u.unit_id, i.action, i.recipient, i.strength, i.text, i.document_id, d.title, d.doc_number, d.issuer,
       d.region_code
FROM main.obligation_instances i
JOIN main.documents d ON d.document_id = i.document_id
LEFT JOIN main.obligation_units u ON u.obligation_id = i.obligation_id AND u.role = 'responsible'
