"""stand-in"""


def demo() -> None:
    """x"""
