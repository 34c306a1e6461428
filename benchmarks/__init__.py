"""Benchmarks: our speed beside the raw library or a peer, in one run on one machine. `make bench`."""
