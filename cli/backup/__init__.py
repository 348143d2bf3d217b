"""How is all that Postgres holds written to one file that `depeche restore` can trust?"""
