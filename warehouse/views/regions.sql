-- 行政区划 | Regions by GB/T 2260.
-- of: regions
SELECT * FROM core.regions
