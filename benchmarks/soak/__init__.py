"""A soak: the whole stack works for an hour at a steady rate, and nothing that it holds may grow."""
