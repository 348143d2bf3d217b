"""Which headline stood where on a page's lists, and when?"""
