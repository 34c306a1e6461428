"""What the law makes of dates and amounts: statutory due dates, interest, clocks of disclosures and complaints.

The numbers are data (`rules.yml`, `lpr.yml`, each with the day it came into force and its article); the modules here
only count. Everything is pure: the day that counts as today comes in as an argument. What cannot be known stays null
with a reason from `reasons`.
"""
