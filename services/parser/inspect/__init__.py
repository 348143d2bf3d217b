"""What became of each piece of a page's text, and why?"""
