"""FetchPage -> PageFetched: when and how a page is downloaded from its publisher."""
