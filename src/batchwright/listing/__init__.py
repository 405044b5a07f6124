"""Listing jobs: what AWS lists of queues, joined with what the rows of trackers say."""
