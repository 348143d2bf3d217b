"""How is one page downloaded, safely and at a bounded cost?"""
