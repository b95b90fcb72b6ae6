#!/usr/bin/env bash
# Fetches the photographs that demo_photos.tsv lists into a folder: fetch_demo_photos.sh FOLDER
# They come out of packages (DEMO_PHOTOS.md has their licences) and are checked by their sha256.
# Quiet where all of them are there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
list=$here/demo_photos.tsv
scikit_image=scikit-image==0.26.0
scikit_image_sha256=74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af

fail() {
    echo "fetch_demo_photos: $*" >&2
    exit 1
}

[[ $# -eq 1 ]] || fail "give the folder for the photographs"
folder=$1
mkdir -p "$folder"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

is_right() { # FILE SHA256
    [[ -f $1 && $(sha256sum <"$1") == "$2  -" ]]
}

# One wheel whatever the machine: it is only opened, not installed.
unpack_wheel() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.11 --platform manylinux_2_28_x86_64 --dest "$temporary" "$scikit_image" ||
        fail "cannot download $scikit_image with pip: check the network"
    local wheel=("$temporary"/*.whl)
    is_right "${wheel[0]}" "$scikit_image_sha256" || fail "$scikit_image is not the published file: its sha256 differs"
    python3 -m zipfile -e "${wheel[0]}" "$temporary/scikit-image"
}

unpack_debian_package() { # PACKAGE
    (cd "$temporary" && apt-get -qq -o APT::Sandbox::User=root download "$1") ||
        fail "cannot download Debian's $1: run 'apt-get update' as root, then this again"
    dpkg-deb -x "$temporary/$1"_*.deb "$temporary/$1"
}

while IFS=$'\t' read -r file package sha256 _; do
    is_right "$folder/$file" "$sha256" && continue
    if [[ ! -d $temporary/$package ]]; then
        echo "fetching photographs from the package $package"
        if [[ $package == scikit-image ]]; then unpack_wheel; else unpack_debian_package "$package"; fi
    fi
    found=$(find "$temporary/$package" -name "$file" -type f -print -quit)
    [[ -n $found ]] || fail "the package $package has no $file"
    is_right "$found" "$sha256" || fail "$file of the package $package is another picture than expected"
    # Renamed into place, so that a photograph in the folder is always a whole one.
    cp "$found" "$folder/.$file.unfinished"
    mv "$folder/.$file.unfinished" "$folder/$file"
done < <(tail -n +2 "$list")
