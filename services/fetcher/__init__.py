"""FetchPage -> PageFetched: when and how a page is pulled from its publisher."""
