"""`depeche sources discover`: which feeds, sitemaps and sections does a site have, and which are worth naming?"""
