"""PageFetched -> PageParsed: separates a page's article from its headline lists and structures both."""
