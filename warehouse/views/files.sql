-- 文件来源 | Every path a document was found under.
-- of: files
SELECT * FROM core.files
