"""The written rules by subject: `schema`, `circulars`, `ledgers`, `flags` of extraction, `history`, `calendar`.

Does not belong here: code that checks; a rule is its name, severity, sentences and basis.
"""
