"""Which lists of headlines does a page have, of which kind is each, and which links in them lead to stories?"""
