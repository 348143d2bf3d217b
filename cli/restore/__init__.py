"""How does a backup take the place of a database, so that at each moment one of the two is in use, whole?"""
