"""Many submissions at once: claims and records travel in transactions, requests at the pace that AWS allows."""
