"""Chaos: everything that Depeche runs on is killed again and again, and at the end no page may be missing or double."""
