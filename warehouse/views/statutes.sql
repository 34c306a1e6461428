-- 法定数字 | The numbers of the law with the days they are in force; `rule_version` of a row points here.
-- of: statutes
SELECT * FROM core.statutes
