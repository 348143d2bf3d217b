"""Tests of services/fetcher/rights/."""
