"""Tests with the real packages of those who read: `make test-readers`."""
