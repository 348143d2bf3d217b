"""What is done with articles after they are stored, and what is due from time to time?"""
