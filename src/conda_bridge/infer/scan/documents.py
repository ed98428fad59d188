"""Instructions for people and for CI -> the system packages that they install, the versions that they set.

Only what stands in a command or a list is taken: of `apt install libfoo-dev` the token is `libfoo`. Packages of Python
are no libraries, whoever installs them.
"""

import re
from collections.abc import Iterable, Iterator

from conda_bridge.infer.scan.lines import Lines
from conda_bridge.model.source import Signal

__all__ = ["is_document", "package_token", "scan_document"]

_TEXT = frozenset({"", ".md", ".rst", ".txt", ".adoc", ".asciidoc", ".org", ".markdown", ".in", ".textile"})
_SCRIPT = frozenset({".sh", ".bash", ".bat", ".cmd", ".ps1"})
_SETTINGS = frozenset({".yml", ".yaml"})
_GUIDE = re.compile(
    r"(?:read[-_]?me|install|building|build|compil|contribut|develop|hacking|depend|require|getting[-_]?started).*"
)
_DOCS_GUIDE = re.compile(r".*(?:install|build|compil|contribut|develop|setup|depend|require|getting).*")
_DOCS = re.compile(r"(?:^|/)(?:docs?|documentation|doc[-_]?src|manual)/", re.IGNORECASE)
_CI = re.compile(
    r"(?:^|/)\.?(?:github|gitlab|circleci|ci|azure[\w-]*|builders|travis|cirrus|buildkite|woodpecker)/"
)
_CI_FILE = re.compile(
    r"\.?(?:gitlab-ci|travis|azure-pipelines.*|appveyor|cirrus|bitbucket-pipelines|read-?the-?docs|drone|buildspec"
    r"|.*environment.*|env.*|meta|recipe|docker-compose.*)\.ya?ml"
)
_PLAIN_LISTS = frozenset({"apt.txt", "aptfile", "packages.txt", "apt-packages.txt", "bindep.txt"})
_NAMED = _PLAIN_LISTS | {
    "brewfile",
    "vcpkg.json",
    "conanfile.txt",
    "pyproject.toml",
    "vagrantfile",
    "jenkinsfile",
}
_MAX_DEPTH = 6

_MANAGER = re.compile(
    rb"(?<![\w./-])(?:"
    rb"(?:apt-get|aptitude|apt|yum|dnf|microdnf|tdnf|zypper|brew|port|choco|vcpkg|pkg|conda|mamba|micromamba)"
    rb"(?:[ \t]+-[^\s]+(?:[ \t]+[\w:./=][\w:./=-]*)??){0,6}[ \t]+(?:install|in|add|create)"
    rb"|apk(?:[ \t]+-[^\s]+){0,6}[ \t]+add|pixi[ \t]+(?:global[ \t]+)?(?:add|install)"
    rb"|(?:pacman|pacboy)[ \t]+(?:--?\w+[ \t]+){0,4}(?:-\w*S\w*|--sync))(?=[ \t\\])"
)
# The rest of a command, over lines that end in a backslash and over comments between these.
_REST = re.compile(rb"(?:\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n){0,20}|[^\n\\;|&]|\\(?![ \t]*\r?\n)){0,6000}")
_COMMENT_LINE = re.compile(rb"\n[ \t]*#[^\n]*")
_END = re.compile(rb"[ \t]#|[ \t]\d?>|<[A-Za-z/]")
_EXPRESSION = re.compile(rb"\$\{\{[^}\n]{0,100}\}\}|\$\([^)\n]{0,100}\)")
_VALUED = frozenset({
    b"-c", b"--channel", b"-n", b"--name", b"-p", b"--prefix", b"-t", b"--target-release", b"--virtual", b"--repo", b"-o",
    b"--option", b"--triplet", b"--source", b"--version", b"--enablerepo", b"--disablerepo", b"--from", b"--repository",
    b"-X", b"--feature", b"--file", b"-f",
})  # fmt: skip
_STOP = frozenset(
    b"a all also an and any are as at be because before but by can command either etc file first followed following for from if in"
    b" instead into is it its like must not of on once or package packages should since so such than that the their them then there"
    b" these this those to up use using version via we when where which while will with you your run library libraries".split()
)
_NO_LIBRARY = re.compile(
    rb"(?:python|pypy|py3)(?:[\d.-].*)?|lib(?:python|pypy)[\d.-].*|python.*|pip[\d.]*|perl-.*|v\d[\d.]*|main|master|dev|base|latest|sudo|write|read|none|true|false|\d.*"
)
_NAME = re.compile(rb"[a-z0-9][a-z0-9+._-]{0,60}")
_MINGW = re.compile(
    rb"(?:mingw-w64-(?:(?:ucrt|clang)-)?(?:x86_64|i686|aarch64|clang-\w+|ucrt-\w+)|\$\{?MINGW_PACKAGE_PREFIX\}?)-"
)
_LIST = re.compile(
    rb"^[ \t]*(?:-[ \t]+)?(?:apt_packages|packages|apt|brew|homebrew|install|pacboy|brewfile|dependencies|host|build|run)[ \t]*:"
    rb"[ \t]*(?P<inline>[^\n]{0,2000})\n(?P<items>(?:[ \t]*(?:-[ \t]+[^\n]{1,200}|#[^\n]*|[\w.+-]+[ \t]*)?\r?\n){0,200})",
    re.MULTILINE,
)
_LIST_MENTIONS = (b"packages", b"apt:", b"brew", b"install:", b"pacboy", b"dependencies:", b"host:")
_ITEM = re.compile(
    rb"^[ \t]*(?:-[ \t]+)?['\"]?([\w.+@:=<>*-]{2,80})(?:['\"]|[ \t]+[<>=!\d][^\n]*)?[ \t]*(?:#[^\n]*)?\r?$",
    re.MULTILINE,
)
_BREW = re.compile(rb"^[ \t]*brew[ \t]+['\"]([\w.+@/-]{1,80})['\"]", re.MULTILINE)
_VCPKG = re.compile(rb"(?:\"name\"[ \t]*:[ \t]*|[\[,][ \t\r\n]{0,40})\"([a-z0-9-]{2,60})\"(?![ \t]*:)")
_CONAN = re.compile(rb"^[ \t]*([a-z0-9_+.-]{2,60})/[\d\[][^\n]*$", re.MULTILINE)
_PLAIN = re.compile(rb"^[ \t]*([a-z0-9][\w.+-]{1,80})", re.MULTILINE)
_VERSION = re.compile(
    rb"(?<![\w${.-])([A-Z][A-Z0-9_]{0,40})_VER(?:SION)?['\"]?[ \t]*[:=][ \t]*(?:\$\{\w+:-)?['\"]?[\w./-]{0,60}\d"
)
_NO_VERSION = re.compile(
    rb"(?:.*_)?(?:PYTHON|PY|PYPY|CPYTHON|CIBW|CIBUILDWHEEL|NODE|NODEJS|XCODE|MACOS|MACOSX|OSX|UBUNTU|DEBIAN|IMAGE|DOCKER|PACKAGE|PROJECT|RELEASE|API|SCHEMA"
    rb"|MSVC|VS|DOTNET|RUBY|JAVA|JDK|PIP|SETUPTOOLS|MIN|MAX|DEFAULT|CURRENT|NEW|OLD|NEXT|LATEST|BUILD|APP|TAG|SDK|OS|MANYLINUX|CACHE|GITHUB|GCC|CLANG|LLVM|CMAKE|NINJA)"
    rb"|PYTHON.*|CIBW.*|PY_.*"
)
_DEVELOPMENT = re.compile(r"(?:-(?:dev|devel|headers|static))+\Z")
_MULTILIB = re.compile(r"\Alib(?:64|32)(?=[a-z])")


def is_document(path: str) -> bool:
    """Tell whether a file may hold instructions: for readers, for CI, for containers."""
    folder, _, name = path.lower().rpartition("/")
    if path.count("/") > _MAX_DEPTH:
        return False
    stem, dot, suffix = name.rpartition(".")
    suffix = dot + suffix if stem else ""
    if suffix in _SCRIPT or name in _NAMED or name.startswith(("dockerfile", "containerfile")):
        return True
    if suffix == ".dockerfile":
        return True
    if suffix in _SETTINGS:
        return _CI.search(f"{folder}/") is not None or _CI_FILE.fullmatch(name) is not None
    if suffix not in _TEXT:
        return False
    in_docs = _DOCS.search(f"{folder}/") is not None
    return (_DOCS_GUIDE if in_docs else _GUIDE).fullmatch(stem or name) is not None


def scan_document(path: str, data: bytes) -> tuple[Signal, ...]:
    """Return the packages that a document's commands and lists install, and the libraries whose version it sets."""
    found: dict[tuple[str, str], int] = {}
    name = path.rpartition("/")[2].lower()
    for token, line in (*_installed(data), *_listed(name, data)):
        found.setdefault(("install", token), line)
    for token, line in _versions(data):
        found.setdefault(("version-variable", token), line)
    signals = [Signal(kind=k, token=token, path=path, line=line) for (k, token), line in found.items()]
    return tuple(sorted(signals, key=lambda signal: signal.line))


def package_token(name: str) -> str:
    """Return a package's name without what only says that it is for development.

    >>> package_token("libfoo1.2-dev"), package_token("lib64foo-devel")
    ('libfoo1.2', 'foo')
    """
    return _MULTILIB.sub("", _DEVELOPMENT.sub("", name))


def _installed(data: bytes) -> Iterator[tuple[str, int]]:
    position = 0
    lines = Lines(data)
    for start, end in _lines_with(data, (b"install", b"add", b"pac", b"create")):
        # Each command is read once, however many names of package managers stand in it.
        while (match := _MANAGER.search(data, max(position, start), end + 1)) is not None:
            rest = _REST.match(data, match.end())
            assert rest is not None, "it matches nothing, too"
            position = rest.end()
            number = lines.at(start)
            for name in _arguments(_EXPRESSION.sub(b"$", _COMMENT_LINE.sub(b"", rest[0]))):
                yield name, number


def _lines_with(data: bytes, words: Iterable[bytes]) -> list[tuple[int, int]]:
    """Return where lines with one of these words begin and end, in order.

    Plain searches pass over the many lines without a command ten times as fast as an expression does.
    """
    found: dict[int, int] = {}
    for word in words:
        at = data.find(word)
        while at >= 0:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            found[data.rfind(b"\n", 0, at) + 1] = end
            at = data.find(word, end)
    return sorted(found.items())


def _versions(data: bytes) -> Iterator[tuple[str, int]]:
    if b"_VER" not in data:
        return
    for number, line in enumerate(data.split(b"\n"), start=1):
        if b"_VER" in line:
            for match in _VERSION.finditer(line):
                if not _NO_VERSION.fullmatch(match[1]):
                    yield match[1].lower().strip(b"_").decode("ascii"), number


def _arguments(command: bytes) -> Iterator[str]:
    """Yield the packages among a command's arguments, up to whatever ends the command."""
    end = _END.search(command)
    words = (command[: end.start()] if end else command).replace(b"\\", b" ").split()
    is_value = False
    for word in words:
        if word.startswith(b"-"):
            is_value = word in _VALUED
            continue
        bare = word.strip(b"\"'`,.:()[]*_")
        if not is_value:
            if bare.lower() in _STOP:
                return
            yield from _package(bare)
        is_value = False
        if _closes(word):
            return


def _closes(word: bytes) -> bool:
    """Tell whether a word ends a quotation or a sentence that it doesn't begin."""
    return word.endswith((b"`", b")", b"]", b",", b":")) or (
        word.endswith((b"'", b'"')) and not word.startswith((b"'", b'"'))
    )


def _package(word: bytes) -> Iterator[str]:
    if b"/" in word:
        return
    word = _MINGW.sub(b"", word).rpartition(b"::")[2]
    name = re.split(rb"[=<>!@:\[~^]", word, maxsplit=1)[0].lower()
    if _NAME.fullmatch(name) and not _NO_LIBRARY.fullmatch(name):
        token = package_token(name.decode("ascii"))
        if len(token) > 1:
            yield token


def _listed(name: str, data: bytes) -> Iterator[tuple[str, int]]:
    if name.endswith((".yml", ".yaml")):
        yield from _yaml_lists(data)
    plain = {"brewfile": _BREW, "vcpkg.json": _VCPKG, "conanfile.txt": _CONAN}.get(name)
    if name in _PLAIN_LISTS:
        plain = _PLAIN
    if plain is not None:
        lines = Lines(data)
        for match in plain.finditer(data):
            line = lines.at(match.start())
            for token in _package(match[1]):
                yield token, line


def _yaml_lists(data: bytes) -> Iterator[tuple[str, int]]:
    if not any(mention in data for mention in _LIST_MENTIONS):
        return
    lines = Lines(data)
    for match in _LIST.finditer(data):
        line = lines.at(match.start())
        for word in match["inline"].split():
            bare = word.strip(b"\"'[],")
            if bare.startswith((b"lib", b"mingw-w64-")) or bare.endswith((b"-dev", b"-devel")):
                yield from ((token, line) for token in _package(bare))
        for item in _ITEM.finditer(match["items"]):
            yield from ((token, line) for token in _package(item[1]))
