#!/usr/bin/env bash
# Fetches 19 photographs that the detectors of tools/signdet were not trained on into a folder: fetch_photos.sh FOLDER
# They come out of Debian's mate-backgrounds (GPL-2+) and darknet (GPL-3+, MIT or WTFPL). Quiet where they are there.
set -euo pipefail

fail() {
    echo "fetch_photos: $*" >&2
    exit 1
}

[[ $# -eq 1 ]] || fail "give the folder for the photographs"
[[ -e $1/complete ]] && exit 0
mkdir -p "$1"
folder=$(cd "$1" && pwd)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

fetch() { # PACKAGE PREFIX FOLDER-IN-PACKAGE
    echo "fetching photographs from the package $1"
    (cd "$temporary" && apt-get -qq -o APT::Sandbox::User=root download "$1") ||
        fail "cannot download Debian's $1: run 'apt-get update' as root, then this again"
    dpkg-deb -x "$temporary/$1"_*.deb "$temporary/$1"
    local photo
    for photo in "$temporary/$1/$3"/*.jpg; do cp "$photo" "$folder/$2-${photo##*/}"; done
}

# The prefixes keep their order, which the seeds of the measurements depend on.
fetch mate-backgrounds 1 usr/share/backgrounds/mate/nature
fetch darknet 2 usr/share/darknet/data
touch "$folder/complete"
