"""Parsing in limited child processes: one poison file costs one file, never the night.

`pool` is the parent's side, `worker` the child's, `limits` the settings, `sandbox` what the kernel takes away from
a child, `frames` the bytes between the two, `outcome` what comes back. Nothing heavy may be imported here: every
child imports this package before it reads a file.
"""
