"""The bad loan behind the pledge: what is owed, by whom, on what legal footing the pledge may be realised."""
