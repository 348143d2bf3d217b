"""What is the least that fetching can cost in Python? Threads, each with an httpx client of its own, and nothing else.

  python -m benchmarks.bare_loop --port PORT --hosts N --pages N --threads N

prints pages per second and CPU milliseconds per page, as JSON.
"""

import argparse
import itertools
import json
import threading
import time

import httpx

from benchmarks.many_hosts import url_of


def main() -> None:
    """Fetch and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("port", "hosts", "pages", "threads"):
        options.add_argument(f"--{name}", type=int, required=True)
    chosen = options.parse_args()
    urls = iter([url_of(chosen.port, n % chosen.hosts, f"bare-{n}") for n in range(chosen.pages)])
    clients = [httpx.Client() for _ in range(chosen.threads)]  # made before the clock starts: their TLS costs 20 ms
    lock = threading.Lock()

    def run(client: httpx.Client) -> None:
        while True:
            with lock:
                some = list(itertools.islice(urls, 4))
            if not some:
                return
            for url in some:
                client.get(url).raise_for_status()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    wall, cpu = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(json.dumps({"pages_per_s": chosen.pages / wall, "cpu_ms": 1e3 * cpu / chosen.pages}))


if __name__ == "__main__":
    main()
