"""How a case is sent again, in words."""

SENT = {
    "parsed": "to be parsed again",
    "fetched": "to be fetched again",
    "stored": "whose end is to be stored again",
    "earlier": "sent before, by a replay that ended in the middle",
}
