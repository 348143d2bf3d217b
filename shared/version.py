"""The version of Depeche. `pyproject.toml` reads it from here, since images run the code without installing it."""

VERSION = "0.1.0"
# The crawler's name unless an operator sets another; a patch release does not change it.
PRODUCT = f"Depeche/{VERSION.rpartition('.')[0]}"
