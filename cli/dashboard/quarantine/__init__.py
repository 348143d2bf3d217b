"""The pages of the quarantine: the causes with their cases, and each case with its traceback and its page as text."""
