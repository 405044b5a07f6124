"""What AWS Batch does, probed on systems that play it on one machine."""
