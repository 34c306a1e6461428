"""Reading the published warehouse for people: documents, debts, parties and duties, within what a reader may see."""
