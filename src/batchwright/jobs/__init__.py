"""What a submitted job is and does: its description, its log, waiting for it, and submitting it exactly once."""
