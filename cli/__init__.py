"""The `depeche` command: one module per command or group of commands. It may import all other parts of Depeche."""
