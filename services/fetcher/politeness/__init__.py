"""May this host be touched, and when? Turns at hosts and robots.txt."""
