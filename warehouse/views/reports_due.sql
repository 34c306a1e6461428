-- 应报报表 | What each unit of the rosters was to report for which period, and whether it came; silence is never zero.
-- of: reports_due
SELECT r.*
FROM core.reports_due r
