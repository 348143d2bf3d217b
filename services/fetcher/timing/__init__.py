"""When is a page due? Sources, revisits, the frontier, and what was lost on its way."""
