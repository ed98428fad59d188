"""Where source distributions come from: package indexes, files, URLs, git."""
