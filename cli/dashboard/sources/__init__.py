"""The pages of sources: all of them with what is wrong first, and each with its week, its fields and its channels."""
