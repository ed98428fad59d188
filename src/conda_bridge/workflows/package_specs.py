"""What was typed for a package of a channel -> whether a record is what it asks for.

Each key of a match spec is held against the record or refused: who gives a hash or a channel relies on it.

Source: CEP 29 (match specs).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conda_bridge.archives.package_info import PACKAGE_SUFFIXES
from conda_bridge.distributors.channels import channel_address
from conda_bridge.distributors.repodata import is_subdir
from conda_bridge.errors import UsageError
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.translate.match_specs import keyed_spec
from conda_bridge.translate.spec_matching import matches, matches_version
from conda_bridge.translate.url_secrets import channel_label

__all__ = ["PackageSpec", "is_package_spec", "package_spec", "told"]

_FILES = (*PACKAGE_SUFFIXES, ".whl")
_NUMBER = re.compile(r"(?:==|!=|<=|>=|<|>)?[0-9]{1,18}", re.ASCII)
_DIGITS = {"sha256": 64, "md5": 32}
_KEYS = ("build_number", "channel", "fn", "license", "md5", "sha256", "subdir")
_SECRET = re.compile(r"://[^\s\[\]]*(?:@|/t/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSpec:
    """A match spec of which all is understood."""

    text: str
    """As typed."""
    spec: MatchSpec
    channel: str = ""
    """The one of those to be asked that it names; empty: it names none."""
    keys: Mapping[str, str]
    """What else it asks for, hashes in lower case."""

    def fits(self, package: ChannelPackage) -> bool:
        """Whether a package is what is asked for; a hash that the channel doesn't tell is another.

        Raises:
            TranslationError: `inexpressible-spec`.
        """
        return matches(self.text, package) and all(self.meets(key, package) for key in self.keys)

    def meets(self, key: str, package: ChannelPackage) -> bool:
        """Whether a package has what is asked for under a key."""
        wanted, own = self.keys[key], told(key, package)
        if key == "build_number":
            return matches_version(wanted, own)
        return wanted.lower() == own.lower() if key == "license" else wanted == own


def told(key: str, package: ChannelPackage) -> str:
    """Return what a channel says of a package under the key of a match spec; empty where it says nothing."""
    values = {
        "build_number": str(package.build_number),
        "fn": package.url.rpartition("/")[2],
        "license": package.license,
        "md5": package.md5,
        "sha256": package.sha256,
        "subdir": package.subdir,
    }
    return values[key]


def is_package_spec(text: str) -> bool:
    """Whether a text can only be a match spec, though it has what paths and URLs have.

    >>> is_package_spec("https://host/acme::demo"), is_package_spec("https://host/acme/demo-1-0.conda")
    (True, False)
    """
    start = text.partition("[")[0]
    if text.partition("#")[0].endswith(_FILES):
        return False
    return "::" in start or (start != text and not {"/", "\\"} & set(start))


def package_spec(text: str, channels: Sequence[str]) -> PackageSpec:
    """Return what a text asks for of these channels.

    Raises:
        UsageError: `unknown-package`.
        TranslationError: `inexpressible-spec` for text that is no match spec.
    """
    if _SECRET.search(text):
        hint = "name the channel without them; --channel takes them"
        raise _refused(text.rpartition("::")[2].partition("[")[0], "its channel has credentials", hint)
    read = keyed_spec(text)
    keys = dict(read.keys)
    unknown = sorted(set(keys) - set(_KEYS))
    if unknown:
        hint = f"beside version and build it is looked for by {', '.join(_KEYS)}"
        raise _refused(text, f"no package is looked for by {', '.join(unknown)}", hint)
    for key, digits in _DIGITS.items():
        if key in keys:
            keys[key] = keys[key].lower()
            if not re.fullmatch(f"[0-9a-f]{{{digits}}}", keys[key], re.ASCII):
                raise _refused(text, f"its {key} has not {digits} hexadecimal digits")
    if "build_number" in keys and not _NUMBER.fullmatch(keys["build_number"]):
        raise _refused(text, f"its build_number is no number: {keys['build_number'][:40]!r}")
    asked = keys.pop("channel", None)
    channel = ""
    if asked is not None:
        channel, subdir = _chosen(text, asked, channels)
        if subdir and keys.setdefault("subdir", subdir) != subdir:
            raise _refused(text, f"it asks for the subdirs {subdir} and {keys['subdir']}")
    return PackageSpec(text=text, spec=read.spec, channel=channel, keys=keys)


def _chosen(text: str, asked: str, channels: Sequence[str]) -> tuple[str, str]:
    """Return which of the channels a match spec names, and the subdir if it names one behind it."""
    known = {channel_address(channel): channel for channel in reversed(channels)}
    start, _, end = asked.rstrip("/").rpartition("/")
    if found := known.get(channel_address(asked)):
        return found, ""
    if start and is_subdir(end) and (found := known.get(channel_address(start))):
        return found, end
    named = ", ".join(map(channel_label, channels)) or "none"
    reason = f"the channel {asked[:80]!r} isn't among those that are asked ({named})"
    raise _refused(text, reason, f"name it, too: --channel {asked[:80]}")


def _refused(text: str, reason: str, hint: str | None = None) -> UsageError:
    return UsageError("unknown-package", f"{text[:200]!r} can't be converted: {reason}", hint=hint)
