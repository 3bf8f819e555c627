"""The vendor's page: parse it, keep its snapshot, fetch it, and say how it differs."""
