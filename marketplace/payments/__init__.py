"""Money: orders in, payouts out, the double-entry journal, charges and the waterfall."""
