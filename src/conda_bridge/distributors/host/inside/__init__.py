"""Programs that the packaged interpreter runs, not ours: nothing of conda-bridge can be imported there."""
