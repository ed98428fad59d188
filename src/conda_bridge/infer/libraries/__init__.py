"""External libraries of a project: seen in its files, judged, and placed in a section."""
