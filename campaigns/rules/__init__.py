"""What is true: plain Python without database, network, settings or clock."""
