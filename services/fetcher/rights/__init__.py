"""What do a site and a page say of their use, and does it forbid what is done with a page here?"""
