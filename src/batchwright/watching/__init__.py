"""Watching jobs, and how their time went."""
