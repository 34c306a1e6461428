"""Warehouse files that hold only what a reader may see: rows of their regions, personal data masked."""
