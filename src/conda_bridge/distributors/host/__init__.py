"""A local channel made of this machine: its Python, its compilers, and what PyPI has as wheels."""
