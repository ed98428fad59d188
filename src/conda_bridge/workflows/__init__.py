"""One use case, one function; the public API re-exports them."""
