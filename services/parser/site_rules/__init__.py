"""What does an operator say about the pages of single sites, and what do these rules select on a page?"""
