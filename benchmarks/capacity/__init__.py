"""Capacity: the highest rate that a machine sustains, what a page costs there, and what more pages a day would need."""
