"""What the queue calls: three lines each, then a service."""
