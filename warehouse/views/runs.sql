-- 运行记录 | Nightly runs up to the one that published this warehouse.
-- of: runs
SELECT * FROM core.runs
