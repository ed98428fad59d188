"""The texts of short licences whole, and the telling parts of long ones, for tests."""

__all__ = ["EXCERPTS", "SHORT", "gpl_notice"]

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

BSD_2 = """\
Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""

_ENDORSEMENT = """\
3. Neither the name of the copyright holder nor the names of its contributors
   may be used to endorse or promote products derived from this software
   without specific prior written permission.

THIS SOFTWARE"""

_ADVERTISING = """\
3. All advertising materials mentioning features or use of this software must
   display the following acknowledgement: This product includes software
   developed by the organization.

4. Neither the name of the organization nor the names of its contributors may
   be used to endorse or promote products derived from this software without
   specific prior written permission.

THIS SOFTWARE"""

ISC = """\
Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
"""

ZLIB = """\
This software is provided 'as-is', without any express or implied warranty. In
no event will the authors be held liable for any damages arising from the use
of this software.

Permission is granted to anyone to use this software for any purpose,
including commercial applications, and to alter it and redistribute it freely,
subject to the following restrictions:

1. The origin of this software must not be misrepresented; you must not claim
   that you wrote the original software.
2. Altered source versions must be plainly marked as such, and must not be
   misrepresented as being the original software.
3. This notice may not be removed or altered from any source distribution.
"""

UNLICENSE = """\
This is free and unencumbered software released into the public domain.

Anyone is free to copy, modify, publish, use, compile, sell, or distribute
this software, either in source code form or as a compiled binary, for any
purpose, commercial or non-commercial, and by any means.
"""

_REQUIREMENT = """\
, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software."""

SHORT = {
    "MIT": MIT,
    "MIT-0": MIT.replace(_REQUIREMENT, "."),
    "X11": MIT
    + "\nExcept as contained in this notice, the name of the X Consortium shall not be used in advertising"
    " or otherwise to promote the sale, use or other dealings in this Software.\n",
    "BSD-2-Clause": BSD_2,
    "BSD-3-Clause": BSD_2.replace("THIS SOFTWARE", _ENDORSEMENT, 1),
    "BSD-4-Clause": BSD_2.replace("THIS SOFTWARE", _ADVERTISING, 1),
    "ISC": ISC,
    "0BSD": ISC.replace(
        ", provided that the above\ncopyright notice and this permission notice appear in all copies", ""
    ),
    "Zlib": ZLIB,
    "Unlicense": UNLICENSE,
}
"""Whole texts by SPDX id."""

EXCERPTS = {
    "Apache-2.0": """
        Apache License, Version 2.0, January 2004
        "License" shall mean the terms and conditions for use, reproduction, and distribution as defined by
        Sections 1 through 9 of this document.
        2. Grant of Copyright License. Subject to the terms and conditions of this License ...
        Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in
        compliance with the License.""",
    "GPL-3.0": """
        GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007
        The GNU General Public License is a free, copyleft license for software and other kinds of works.
        "This License" refers to version 3 of the GNU General Public License.
        END OF TERMS AND CONDITIONS. How to Apply These Terms to Your New Programs
        This program is free software: you can redistribute it and/or modify it under the terms of the GNU
        General Public License as published by the Free Software Foundation, either version 3 of the License,
        or (at your option) any later version. You should have received a copy; if not,
        see <https://www.gnu.org/licenses/why-not-lgpl.html>.""",
    "GPL-2.0": """
        GNU GENERAL PUBLIC LICENSE Version 2, June 1991
        0. This License applies to any program or other work which contains a notice placed by the copyright
        holder saying it may be distributed under the terms of this General Public License.""",
    "LGPL-3.0": """
        GNU LESSER GENERAL PUBLIC LICENSE Version 3, 29 June 2007
        This version of the GNU Lesser General Public License incorporates the terms and conditions of version 3
        of the GNU General Public License, supplemented by the additional permissions listed below.""",
    "LGPL-2.1": """
        GNU LESSER GENERAL PUBLIC LICENSE Version 2.1, February 1999
        0. This License Agreement applies to any software library or other program which contains a notice
        placed by the copyright holder or other authorized party saying it may be distributed under the terms of
        this Lesser General Public License (also called "this License").""",
    "AGPL-3.0": """
        GNU AFFERO GENERAL PUBLIC LICENSE Version 3, 19 November 2007
        The GNU Affero General Public License is a free, copyleft license for software and other kinds of works.
        ... work licensed under version 3 of the GNU General Public License into a single combined work ...""",
    "MPL-2.0": """
        Mozilla Public License Version 2.0
        1.1. "Contributor" means each individual or legal entity that creates, contributes to the creation of,
        or owns Covered Software.""",
    "EPL-2.0": """
        THE ACCOMPANYING PROGRAM IS PROVIDED UNDER THE TERMS OF THIS ECLIPSE PUBLIC LICENSE ("AGREEMENT").
        "Secondary License" means either the GNU General Public License, Version 2.0, or any later versions""",
    "EUPL-1.2": 'This European Union Public Licence (the "EUPL") applies to the Work (as defined below)',
    "CC0-1.0": """
        Affirmer hereby overtly, fully, permanently, irrevocably and unconditionally waives, abandons, and
        surrenders all of Affirmer's Copyright and Related Rights""",
    "CC-BY-4.0": "Creative Commons Attribution 4.0 International Public License",
    "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0 International Public License",
    "BSL-1.0": """
        Permission is hereby granted, free of charge, to any person or organization obtaining a copy of the
        software and accompanying documentation covered by this license (the "Software")
        The copyright notices in the Software and this entire statement must be included in all copies of the
        Software, in whole or in part""",
    "PSF-2.0": """
        PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2
        1. This LICENSE AGREEMENT is between the Python Software Foundation ("PSF"), and the Individual""",
    "Python-2.0": """
        1. This LICENSE AGREEMENT is between the Python Software Foundation ("PSF"), and the Individual
        1. This LICENSE AGREEMENT is between BeOpen.com ("BeOpen"), having an office at
        1. This LICENSE AGREEMENT is between the Corporation for National Research Initiatives""",
    "Artistic-2.0": """
        This license establishes the terms under which a given free software Package may be copied, modified,
        distributed, and/or redistributed.""",
    "WTFPL": "DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE Version 2, December 2004",
    "BlueOak-1.0.0": "This license gives everyone as much permission to work with this software as possible",
    "ECL-2.0": """
        The Educational Community License version 2.0 ("ECL") consists of the Apache 2.0 license, modified
        "License" shall mean the terms and conditions for use, reproduction, and distribution as defined by
        Sections 1 through 9 of this document. 2. Grant of Copyright License.""",
    "UPL-1.0": """
        Subject to the condition set forth below, permission is hereby granted to any person obtaining a copy of
        this software ... free of charge and under any and all copyright rights""",
    "MulanPSL-2.0": "Mulan Permissive Software License, Version 2 ... 1. Grant of Copyright License",
    "HPND": """
        Permission to use, copy, modify and distribute this software and its documentation for any purpose and
        without fee is hereby granted, provided that the above copyright notice appear in all copies, and that
        both that copyright notice and this permission notice appear in supporting documentation, and that the
        name of X not be used in advertising or publicity pertaining to distribution""",
    "NCSA": SHORT["MIT-0"].replace(
        "THE SOFTWARE IS",
        "* Redistributions of source code must retain the above copyright notice\n* nor the names of its"
        " contributors may be used to endorse or promote products derived from this Software\nTHE SOFTWARE IS",
        1,
    ),
}
"""What tells a long text, by its base id."""


def gpl_notice(family: str, version: str, *, later: bool) -> str:
    """Return the notice that GNU projects put into their files."""
    choice = (
        f"either version {version} of the License, or (at your option) any later version" if later else ""
    )
    return (
        f"This program is free software; you can redistribute it and/or modify it under the terms of the GNU {family}"
        f"General Public License as published by the Free Software Foundation, {choice or f'version {version}'}."
    )
