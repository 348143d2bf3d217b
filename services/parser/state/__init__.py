"""Which article stands in the data of a page's scripts, where its markup does not have it?"""
