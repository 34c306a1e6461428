-- 账款表述 | Debt figures that documents state in prose; other amounts of money are in `amounts`.
-- of: debt_statements
SELECT * FROM main.amounts WHERE role <> 'other'
