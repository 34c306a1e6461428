"""The reports people know, as sheets: figures by SQL from the warehouse, each with the rows it was made from.

Every report takes a period (what ledgers speak of) and a day (what was known by then), so that last month's table can
be printed again as it was. The last sheet, 数据来源, names for each line the debts behind it and where they stand.
"""
