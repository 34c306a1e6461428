"""A night's reading on Apache Spark: the same pure function in the same limited children, on the machines of a cluster.

`cluster` is the executor, `session` opens what speaks to the cluster, `probe` asks its machines whether they can do the
work, `task` is what runs there, `packs` the files that results travel in, `shared` the storage both sides reach,
`troubles` what can be wrong. Nothing of pyspark is imported before a cluster is set (decision record 0014).
"""
