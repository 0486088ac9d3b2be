"""From a bank's spreadsheet to its portfolio: every row judged before anything is kept."""
