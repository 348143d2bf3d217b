"""The whole of Depeche on one machine: the servers that come in wheels, the workers, and the tick."""
