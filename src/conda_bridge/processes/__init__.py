"""The only starter of foreign programs."""
