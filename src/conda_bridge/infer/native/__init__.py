"""Whether the project builds native code, with which compilers, and which programs the build runs."""

from conda_bridge.infer.native.decision import infer_native
from conda_bridge.infer.native.result import Native

__all__ = ["Native", "infer_native"]
