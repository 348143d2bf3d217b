"""PageParsed -> Postgres: the only writer of what downstream services read."""
