"""Makes addresses of any number of hosts that are all this machine."""


def url_of(port: int, host: int, page: str) -> str:
    """A page of host number `host`, up to some 16 million."""
    number = host + 2
    return f"http://127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}:{port}/{page}.html"
