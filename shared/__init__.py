"""What the three services agree on: messages, the ledger, the page store, and how failure is spoken of."""
