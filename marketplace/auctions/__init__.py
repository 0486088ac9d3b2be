"""Online bidding: terms, bids in order of arrival, bidders as codes, the close decided by the clock."""
