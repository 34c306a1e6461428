"""Full-text search over the documents: an index beside the warehouse, brought up to date after every publishing."""
