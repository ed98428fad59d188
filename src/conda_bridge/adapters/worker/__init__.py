"""The program that runs in a child and asks rattler and rattler-build: one request, one answer, one process."""
