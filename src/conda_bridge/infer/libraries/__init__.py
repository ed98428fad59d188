"""External libraries of a project: seen in its files, judged by what kinds of evidence agree, and placed.

    signals -> sightings -> verdicts -> lines of build, host and run, switches of the build, findings

Source: `translate.libraries` says which library a token names, the mapping of external dependencies what conda calls it.
"""

from conda_bridge.infer.libraries.deciding import Libraries, infer_libraries
from conda_bridge.infer.libraries.switches import Switch

__all__ = ["Libraries", "Switch", "infer_libraries"]
