"""What `ensure()` would do, as a person reads it, and what it would cost or run into."""
