"""How is one page pulled off the web, safely and at a bounded cost?"""
