#!/bin/sh
# Stands in for cargo-bundle-licenses: lists the crates of Cargo.lock, without the texts of their licences.
# Only packages that never leave this machine are built with it.
set -eu

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

folder=$PWD
while [ ! -e "$folder/Cargo.lock" ]; do
    if [ "$folder" = / ] || [ -z "$folder" ]; then
        echo "cargo-bundle-licenses: no Cargo.lock in $PWD or above" >&2
        exit 1
    fi
    folder=${folder%/*}
    folder=${folder:-/}
done

echo "cargo-bundle-licenses: the machine has none, licence texts of crates are left out" >&2
awk '
    BEGIN { print "# Listed from Cargo.lock; the texts of licences are left out."; print "third_party_libraries:" }
    function flush() {
        if (name != "" && source != "") {
            print "  - package_name: \"" name "\""
            print "    package_version: \"" version "\""
        }
        name = version = source = ""
    }
    /^\[\[package\]\]/ { flush() }
    /^name = "/ { split($0, part, "\""); name = part[2] }
    /^version = "/ { split($0, part, "\""); version = part[2] }
    /^source = "/ { split($0, part, "\""); source = part[2] }
    END { flush() }
' "$folder/Cargo.lock" >"$output"
