"""What does an operator do to a database by hand? Retention, quarantine, users."""
