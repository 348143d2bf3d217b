"""How does a page travel from stage to stage without getting lost?

The ledger, the page store, and what each stage does around its work.
"""
