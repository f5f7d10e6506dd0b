"""The pretend SMS REST API: plans, batches, reports, inbounds and groups."""
