"""What does an operator say of the pages of single sites, and what does that select on a page?"""
