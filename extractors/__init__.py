"""Pure functions: bytes in, facts out.

Holds the readers (`formats`), the rule engine and its tables (`rules`), the words (`lexicon`), circular and
ledger extraction, and the naming of what they found (`resolve`).

Does not belong here: Dagster, databases, the clock, the network, files other than our own lexicons. Nothing in
this package imports another room of the house.
"""
