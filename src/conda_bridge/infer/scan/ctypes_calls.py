"""Modules of the package -> signals of what they open and run: libraries by ctypes and cffi, programs.

These are needed where the package runs, not where it is built.
"""

import ast
import re

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.interest import is_package_module
from conda_bridge.infer.scan.platforms import EVERY_PLATFORM
from conda_bridge.infer.scan.programs import program_of
from conda_bridge.infer.scan.python_conditions import dotted_name
from conda_bridge.infer.scan.python_survey import Place, Survey, survey
from conda_bridge.infer.scan.python_values import Item, Values
from conda_bridge.model.source import Signal

__all__ = ["library_stem", "scan_opened"]

_MAX_CHARACTERS = 300_000
_OPENERS = frozenset(
    {"CDLL", "WinDLL", "OleDLL", "PyDLL", "LoadLibrary", "dlopen", "load_library", "find_library"}
)
# Packages wrap these in functions of their own, which are called so everywhere.
_OPENING = re.compile(
    r"_*(?:dl)?(?:open|load|find|locate)_?(?:\w+_)?(?:lib|library|dll|dylib|shared_object)|_*dlopen\w*|DLL|_*load_lib\w*"
    r"|_+find_library|_+CDLL"
)
_RUNNERS = frozenset({"run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput", "create_subprocess_exec"})  # fmt: skip
_SHELLS = frozenset({"os.system", "os.popen", "system", "popen"})
# Modules that only import `subprocess`, or speak of it, are many; taking one apart costs a thousand times as much.
_CALL = re.compile(
    rf"(?:\b|_)(?:findlibs\.find|load_lib\w*|(?:open|load|find|locate)_\w*lib(?:rary)?|{'|'.join(sorted(_OPENERS | {'DLL'} | (_RUNNERS - {'run'}) | _SHELLS | {'which', 'subprocess.run'}))})\s*\("
)
_STEM = re.compile(
    r"(?:lib)?(?P<stem>[A-Za-z_][\w+-]*?(?:-\d+(?:\.\d+)*)?)(?:\.\d[\d.]*)?(?:\.(?P<suffix>so|dylib|dll)[\d.]*)?"
)
_WINDOWS = frozenset({
    "kernel32", "user32", "gdi32", "advapi32", "shell32", "ole32", "oleaut32", "ntdll", "msvcrt", "ucrtbase", "ws2_32", "psapi",
    "shlwapi", "winmm", "comctl32", "dwmapi", "shcore", "iphlpapi", "secur32", "crypt32", "setupapi", "version", "userenv",
    "uxtheme", "dbghelp", "bcrypt", "kernelbase", "propsys", "wlanapi", "netapi32", "winhttp", "hid", "cfgmgr32", "powrprof",
    "winspool", "mpr", "wtsapi32", "imm32", "opengl32",
})  # fmt: skip
_SYSTEM = _WINDOWS | {
    "c", "m", "dl", "pthread", "rt", "util", "System", "libc", "objc", "stdc", "gcc_s", "nsl", "resolv", "crypt", "python",
    "CoreFoundation", "CoreServices", "CoreGraphics", "ApplicationServices", "AppKit", "Foundation", "Cocoa", "Carbon",
    "IOKit", "Security", "SystemConfiguration", "Quartz", "QuartzCore", "Metal", "OpenGL", "AudioToolbox", "CoreAudio", "CoreText",
    "CoreMedia", "AVFoundation", "CoreWLAN", "CoreBluetooth",
}  # fmt: skip
# Every system has them, or they are only asked whether they are there.
_EVERYWHERE = frozenset({
    "", "bash", "cat", "chcp", "chmod", "chown", "clear", "cls", "cmd", "cmd.exe", "cp", "cscript", "cut", "date", "defaults", "df", "dir",
    "du", "echo", "env", "explorer", "false", "file", "find", "grep", "head", "hostname", "id", "ifconfig", "ioreg", "ip", "kill",
    "launchctl", "ln", "ls", "lsb_release", "mkdir", "mv", "netstat", "nproc", "open", "osascript", "pip", "pip3", "powershell", "ps",
    "pwd", "python", "python2", "python3", "reg", "rm", "rundll32", "sed", "sh", "sleep", "sort", "start", "stty", "sudo", "sw_vers",
    "sysctl", "system_profiler", "systemctl", "tail", "tar", "taskkill", "tasklist", "tee", "test", "touch", "tput", "true", "tty",
    "type", "uname", "vol", "wc", "where", "which", "whoami", "wmic", "xattr", "xargs", "xdg-open", "zsh", "conda", "pytest",
    "arch", "awk", "free", "getconf", "ldconfig", "lscpu", "route", "stat", "ver", "wevtutil", "lsof", "ping",
})  # fmt: skip
_PATHS = frozenset(
    {"join", "joinpath", "dirname", "abspath", "realpath", "Path", "files", "resource_filename", "glob"}
)
# What is left of a path whose other parts are unknown.
_FOLDERS = frozenset({"lib", "lib64", "bin", "DLL", "DLLs", "Release", "Debug", "Library"})
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*")


def scan_opened(path: str, text: str) -> tuple[Signal, ...]:
    """Find the libraries that a module opens by name, and the programs that it runs."""
    if not is_package_module(path) or len(text) > _MAX_CHARACTERS or not _CALL.search(text):
        return ()
    tree = parse(text)
    if tree is None:
        return ()
    known = survey(tree)
    values, found = Values(known), Found(path)
    for node, place in known.sites:
        if isinstance(node, ast.Call) and node.args:
            _keep_call(found, known, values, (node, place))
    return found.signals()


def _keep_call(found: Found, known: Survey, values: Values, site: tuple[ast.Call, Place]) -> None:
    call, place = site
    name = dotted_name(call.func)
    last = name.rpartition(".")[2]
    argument = call.args[0]
    if last in _OPENERS or _OPENING.fullmatch(last) or name == "findlibs.find":
        for each in call.args:
            # A suffix is put behind a name for the edition.
            named = each.left if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add) else each
            if not _is_path(known, named, place):
                for item in values.texts(named, place):
                    _keep_library(found, item)
    elif last in _RUNNERS or name in _SHELLS or last == "which":
        is_ours = last == "run" and not name.startswith("subprocess")
        words = [] if is_ours else values.command(argument, place)[:1]
        for word in words:
            program = program_of(word.text)
            is_optional = last == "which" or word.where.is_optional
            if _PROGRAM.fullmatch(program) and program not in _EVERYWHERE:
                where = word.where.within(word.where.platforms, is_optional=is_optional)
                found.add("program", program, call.lineno, where)


def _is_path(known: Survey, argument: ast.expr, place: Place) -> bool:
    """Tell whether a library is opened where the package has put it, so that it is the package's own."""
    if isinstance(argument, (ast.Name, ast.Attribute)):
        values = [binding.node for binding in known.of(place.scope, dotted_name(argument))[:20]]
        # Where a plain name is tried, too, the path is one of the package's copies beside the system's library.
        if any(isinstance(value, (ast.Constant, ast.Tuple, ast.List)) for value in values):
            return False
        return any(map(_makes_path, values))
    return _makes_path(argument)


def _makes_path(node: ast.expr) -> bool:
    for part in list(ast.walk(node))[:200]:
        if isinstance(part, ast.Name) and (part.id in _PATHS or part.id == "__file__"):
            return True
        if (isinstance(part, ast.Attribute) and part.attr in _PATHS) or (
            isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
        ):
            return True
    return False


def _keep_library(found: Found, item: Item) -> None:
    stem, platforms = library_stem(item.text)
    if (
        stem
        and stem not in _FOLDERS
        and stem[-1] not in "_-"
        and stem not in _SYSTEM
        and stem.lower() not in _WINDOWS
    ):
        found.add("dlopen", stem, item.line, item.where.within(platforms))


def library_stem(text: str) -> tuple[str, frozenset[str]]:
    """Return the name of a library without prefix, version and suffix, and the platforms of such a file.

    >>> library_stem("libsndfile.so.1")[0], library_stem("/usr/lib/libz.dylib")[0], library_stem("a b")[0]
    ('sndfile', 'z', '')
    """
    match = _STEM.fullmatch(text.replace("\\", "/").rpartition("/")[2])
    if match is None:
        return "", EVERY_PLATFORM
    platforms = {"dll": frozenset({"win"}), "dylib": frozenset({"osx"})}.get(
        match["suffix"] or "", EVERY_PLATFORM
    )
    return match["stem"], platforms
