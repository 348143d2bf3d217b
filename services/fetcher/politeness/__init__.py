"""May a request go to this host, and when? Turns at hosts and robots.txt."""
