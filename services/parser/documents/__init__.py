"""How is a document read that is no ordinary page: a feed, a sitemap, plain text, the page of a press mirror?"""
