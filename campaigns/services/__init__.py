"""What we do: transactions, gateways, the queue and the audit trail."""
