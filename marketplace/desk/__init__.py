"""Front pages: what waits for me, by due date, and where things stand."""
