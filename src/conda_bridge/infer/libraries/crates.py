"""Which Rust crates link a library of the system, unless they are told otherwise.

Most crates that end in `-sys` compile a copy of their library where pkg-config finds none, or always: that a project
depends on one says nothing of its recipe. Source: the crates' own documentation.
"""

import re

__all__ = ["is_linking_crate"]

_LINKING = re.compile(
    r"""
    openssl(?:-sys)?|native-tls|pq-sys|mysqlclient-sys|libdbus-sys|dbus|libudev(?:-sys)?|udev|libusb1-sys|alsa(?:-sys)?
    |libpulse(?:-[a-z-]+)?-sys|portaudio(?:-sys)?|jack-sys|pcsc(?:-sys)?|libpcap|pcap|pam-sys|libkrun-sys
    |(?:glib|gobject|gio|gtk\d?|gdk\d?|gdk-pixbuf|pango|pangocairo|cairo|atk|graphene|gstreamer[a-z-]*)-sys(?:-rs)?
    |(?:gdal|hdf5(?:-metno)?|netcdf|geos|ffmpeg|leptonica|tesseract|opencv|clang|llvm|poppler|rsvg|vips|magick)(?:-sys)?
    |(?:blas|lapack|cblas|lapacke|accelerate|intel-mkl)-src|libvirt?-sys|virt-sys|xkbcommon|x11|xcb|wayland-sys
    |libgphoto2-sys|gpgme-sys|gpg-error-sys|libsystemd-sys|systemd|seccomp-sys|libseccomp-sys|fuse\d?-sys|krb5-sys
    |libgssapi-sys|ldap-sys|odbc-sys|oracle-sys|sane-sys|zbar-sys
    """,
    re.VERBOSE,
)


def is_linking_crate(name: str) -> bool:
    """Tell whether a crate links the system's library by default.

    >>> is_linking_crate("openssl-sys"), is_linking_crate("zstd-sys")
    (True, False)
    """
    return _LINKING.fullmatch(name.replace("_", "-")) is not None
