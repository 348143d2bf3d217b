"""A small press site of invented publishers, served on loopback by `depeche demo`.

Every page comes with the facts that must be read from it, so that the demo checks itself.
"""
