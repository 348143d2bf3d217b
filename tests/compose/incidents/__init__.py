"""Ten bad nights of an operator, staged in a Compose project; see `python -m tests.compose.incidents --help`."""
