"""The demo market: invented banks, firms, cases and numbers around real patent titles, abstracts and classes.

Every organisation says 样例 in its name, every number lies in a series nobody has been given, check digits are right.
Lives are told through the market's own services, so that what the demo shows is what the market does.
"""
