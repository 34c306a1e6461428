"""The invented sample inbox and what can be asked of it."""
