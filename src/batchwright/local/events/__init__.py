"""Amazon EventBridge on this machine: what AWS Batch tells of its jobs, and who is told."""
