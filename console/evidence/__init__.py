"""The spot itself: where a value stands in the file it was read from, shown without opening the file here.

`place` reads what evidence says, `pages`, `passages` and `sheets` turn it into what a page shows, `spot` chooses.
"""
