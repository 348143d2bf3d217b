"""When is a page due? Sources, revisits, the frontier, and lost messages."""
