"""The only opener of archives: limits, path safety, streaming."""
