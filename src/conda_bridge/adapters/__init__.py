"""The only readers of other tools' data and importers of their unstable APIs."""
