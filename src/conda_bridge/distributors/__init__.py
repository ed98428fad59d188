"""Where packages and toolchains come from."""
