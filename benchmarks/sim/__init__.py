"""The simulated day: a press of 200 sites on loopback, and the real workers that have to keep up with it politely."""
