"""How is each page kept as it came, and read again? WARC files."""
