"""`depeche relay`: what has changed, delivered to those who hold no connection to Postgres."""
