"""What does a page consist of? Bytes to text, text to one flat outline of its elements in document order."""
