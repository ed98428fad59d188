"""The parts of `conda_bridge.workflows.verify`."""
