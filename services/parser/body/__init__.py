"""Which blocks of a page are the main article's body, and what is each of them?"""
