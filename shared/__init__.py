"""What the three services share: messages, the ledger, the page store, and the types of failures."""
