-- 企业名称 | Names under which debtors and creditors stand in ledgers, with the periods in which they did.
-- of: company_names
SELECT * FROM core.company_names
