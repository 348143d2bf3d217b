"""How is each page archived as it came, and read again? WARC files."""
