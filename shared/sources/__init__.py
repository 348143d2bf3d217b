"""How have visits to a source ended, and how long is the wait until its next visit?

The fetcher, the parser and the tick write here; the schedule reads it.
"""
