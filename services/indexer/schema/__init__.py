"""What does the database consist of, and how is it brought there?"""
