"""What is known of one page: its way, its article beside its tickers, its versions, and how it was read?"""
