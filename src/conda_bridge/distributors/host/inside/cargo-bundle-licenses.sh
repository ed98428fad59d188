#!/bin/sh
# Stands in for cargo-bundle-licenses, with nothing but a shell, awk, find and sort: writes the crates of Cargo.lock with
# the texts of the licence files that lie in their vendored folders, in the YAML of the real one.
# A crate whose text isn't there has the text NOT FOUND, as with the real one, and is named on stderr.
set -eu
LC_ALL=C
export LC_ALL

output=/dev/stdout
while [ $# -gt 0 ]; do
    case "$1" in
        -o | --output)
            output=$2
            shift
            ;;
        --output=*) output=${1#--output=} ;;
        -*) ;;
    esac
    shift
done

# Prints the nearest folder from here upwards that has what is asked for.
above() {
    folder=$PWD
    while [ ! -e "$folder/$1" ]; do
        if [ "$folder" = / ] || [ -z "$folder" ]; then
            return 1
        fi
        folder=${folder%/*}
        folder=${folder:-/}
    done
    echo "$folder"
}

if ! locked=$(above Cargo.lock); then
    echo "cargo-bundle-licenses: no Cargo.lock in $PWD or above" >&2
    exit 1
fi
vendored=$(above .cargo/vendor) || vendored=

# Prints `name version` of each crate that comes from outside.
crates() {
    awk '
        function flush() {
            if (name != "" && source != "") print name, version
            name = version = source = ""
        }
        /^\[/ { flush() }
        /^name = "/ { split($0, part, "\""); name = part[2] }
        /^version = "/ { split($0, part, "\""); version = part[2] }
        /^source = "/ { split($0, part, "\""); source = part[2] }
        END { flush() }
    ' "$locked/Cargo.lock"
}

# Prints what the [package] table of a manifest says; those of published crates have a line for each key.
said() {
    [ -f "$2" ] || return 0
    key=$1 awk '
        /^\[/ { is_inside = $0 ~ /^\[package\][ \t]*(#.*)?$/ }
        is_inside && index($0, ENVIRON["key"]) == 1 && split($0, part, "\"") > 2 && part[1] ~ /^[a-z-]+[ \t]*=[ \t]*$/ {
            sub(/[ \t]*=[ \t]*$/, "", part[1])
            if (part[1] == ENVIRON["key"]) { print part[2]; exit }
        }
    ' "$2"
}

# Prints a text, or that of files, as a YAML scalar in double quotes. What is no UTF-8 is taken for Latin-1.
quoted() {
    awk '
        BEGIN {
            for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
            two = "[\302-\337][\200-\277]"
            three = "\340[\240-\277][\200-\277]|[\341-\357][\200-\277][\200-\277]"
            four = "[\360-\364][\200-\277][\200-\277][\200-\277]"
            utf8 = "^([\001-\177]|" two "|" three "|" four ")*$"
            printf "\""
        }
        NR == 1 { sub(/^\357\273\277/, "") }
        {
            sub(/\r$/, "")
            gsub(/\\/, "&&")
            gsub(/"/, "\\\"")
            gsub(/\t/, "\\t")
            plain = $0
            if ($0 ~ /[\001-\037\177]/ || $0 !~ utf8) {
                is_sound = $0 ~ utf8
                plain = ""
                for (i = 1; i <= length($0); i++) {
                    letter = substr($0, i, 1)
                    number = code[letter]
                    is_odd = number < 32 || number == 127 || (number > 127 && !is_sound)
                    plain = plain (is_odd ? sprintf("\\x%02X", number) : letter)
                }
            }
            printf "%s%s", (NR > 1 ? "\\n" : ""), plain
        }
        END { print "\"" }
    ' "$@"
}

# Prints the files of a crate that hold its licence.
texts() {
    [ -n "$1" ] && [ -d "$1" ] || return 0
    find "$1" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \
        -o -iname 'unlicen[cs]e*' \) ! -name '*.rs' | sort
    find "$1" -mindepth 2 -maxdepth 2 -type f -ipath '*/licen[cs]es/*' ! -name '*.rs' | sort
    named=$(said license-file "$1/Cargo.toml")
    case "/$named/" in
        // | */../* | */licen[cs]e* | */LICEN[CS]E* | */Licen[cs]e* | */COPYING* | */NOTICE* | */UNLICEN[CS]E*) ;;
        *) [ ! -f "$1/$named" ] || echo "$1/$named" ;;
    esac
}

# Prints the licence that a file's name tells of those that the crate has; all of them where it tells none.
told() {
    case "${1##*/}" in
        *[Mm][Ii][Tt]*) one=MIT ;;
        *[Aa][Pp][Aa][Cc][Hh][Ee]*) one=Apache-2.0 ;;
        *[Uu][Nn][Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*) one=Unlicense ;;
        *[Zz][Ll][Ii][Bb]*) one=Zlib ;;
        *[Bb][Oo][Oo][Ss][Tt]*) one=BSL-1.0 ;;
        *) one=$2 ;;
    esac
    case " $(echo "$2" | tr '()/' '   ') " in
        *" $one "*) echo "$one" ;;
        *) echo "$2" ;;
    esac
}

bundle() {
    echo "root_name: $(said name Cargo.toml | quoted)"
    echo "third_party_libraries:"
    crates | while read -r name version; do
        crate=${vendored:+$vendored/.cargo/vendor/$name-$version}
        license=$(said license "$crate/Cargo.toml")
        echo "  - package_name: \"$name\""
        echo "    package_version: \"$version\""
        echo "    repository: $(said repository "$crate/Cargo.toml" | quoted)"
        echo "    license: $(printf "%s" "$license" | quoted)"
        echo "    licenses:"
        found=$(texts "$crate")
        if [ -z "$found" ]; then
            echo "cargo-bundle-licenses: no licence text of $name $version" >&2
            echo "      - license: $(printf "%s" "$license" | quoted)"
            echo "        text: NOT FOUND"
            continue
        fi
        echo "$found" | while IFS= read -r text; do
            echo "      - license: $(told "$text" "$license" | quoted)"
            printf '        text: '
            quoted "$text"
        done
    done
}

echo "cargo-bundle-licenses: the machine has none, a stand-in gathers the texts" >&2
bundle >"$output"
