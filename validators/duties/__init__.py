"""Duties in time: cadences as days, whether a duty was met on a day, whether a target was reached. Pure."""
