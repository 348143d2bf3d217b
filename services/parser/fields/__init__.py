"""What is known about the article beside its body: title, authors, dates, publisher, and who says so?"""
