-- 一年期LPR | The one-year loan prime rate, below which an agreed rate of late interest may not lie.
-- of: lpr_rates
SELECT * FROM core.lpr_rates
