"""PyPI and conda vocabulary, both directions side by side: names, versions, markers, licences, toolchains, distributors."""
