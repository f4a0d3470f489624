"""Requests, and how they are run: here or on a cluster."""
