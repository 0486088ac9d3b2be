"""What was agreed: the deal, its closing checklist, and the outcome of every lot that ended, sold or not."""
