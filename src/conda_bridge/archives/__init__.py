"""The only opener and writer of archives: limits, path safety, streaming, deterministic bytes."""
