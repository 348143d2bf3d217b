"""The version of Depeche. `pyproject.toml` reads it from here, since images run the code without installing it."""

VERSION = "0.1.0"
# What the crawler calls itself unless an operator says otherwise; a patch release does not change the name.
PRODUCT = f"Depeche/{VERSION.rpartition('.')[0]}"
