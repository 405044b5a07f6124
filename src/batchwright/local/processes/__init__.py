"""What the `process` engine needs of this machine's processes."""
