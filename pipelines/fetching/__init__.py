"""Fetching: the only room that touches a network. One connector for each kind of source, behind one registry.

A connector lists what its source shows and brings new bytes to a file under `<home>/fetch/`; it parses nothing but
listing pages. What it yields are `Delivery` objects; `pipelines.intake` archives and records them.
"""
