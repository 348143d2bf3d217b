"""The `depeche` command: one module a group of commands, over everything else."""
