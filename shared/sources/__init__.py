"""How have visits to a source ended, and how long is it therefore left alone?

Written by all stages, read by the schedule.
"""
