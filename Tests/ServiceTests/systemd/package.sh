#!/usr/bin/env bash
# Runs inside a booted systemd: the package is installed, used, upgraded, removed, purged, and purged with all data.
# package.sh PACKAGE MODEL PICTURE PICTURE
set -euo pipefail
package=$1 model=$2 first=$3 second=$4
export DEBIAN_FRONTEND=noninteractive

fail() {
    echo "package: $*" >&2
    journalctl --unit=gradcamd --no-pager --lines=30 >&2 || true
    exit 1
}

query() { sqlite3 "file:/var/lib/gradcamd/log.db?mode=ro" "$@"; }

# As a person of the group does it: with cp.
drop() { # PICTURE NAME
    runuser -u radiologist -- cp "$1" "/srv/gradcamd/inbox/$2" || fail "a member of the group cannot drop $2"
    for ((tenth = 0; tenth < 300; tenth++)); do
        [[ $(query "SELECT state FROM log WHERE name = '$2'") == done ]] && return
        sleep 0.1
    done
    fail "$2 was not explained"
}

# Containers forbid packages to start services.
rm --force /usr/sbin/policy-rc.d
# The target machine has no Swift.
for folder in /opt/swift /usr/libexec/swift /usr/lib/swift; do
    [[ ! -d $folder ]] || mount -t tmpfs tmpfs "$folder"
done

dpkg --install "$package" >/dev/null || fail "it cannot be installed"
systemctl is-active --quiet gradcamd && fail "it runs before it has a model"
systemctl is-active --quiet gradcamd-maintenance.timer || fail "its timer does not run"
[[ $(stat --format=%U:%G:%a /srv/gradcamd/inbox) == gradcamd:gradcamd:2770 ]] || fail "the inbox is not there"
man --where gradcamd gradcam gradcam-worker >/dev/null || fail "a man page is missing"
gradcam --version >/dev/null || fail "gradcam does not run"
bash -c 'source /usr/share/bash-completion/completions/gradcam && complete -p gradcam' >/dev/null ||
    fail "bash does not complete gradcam"
journalctl --list-catalog 2>/dev/null | grep gradcamd >/dev/null || fail "the message catalog is not installed"

useradd --groups gradcamd --create-home radiologist
install -m 644 "$model" /etc/gradcamd/models/model.torchscript
echo '# Set by the laboratory.' >>/etc/gradcamd/gradcamd.yaml
systemctl enable --now --quiet gradcamd || fail "it does not start"
drop "$first" first.jpg

# The next version: the same programs under a higher number.
dpkg-deb --raw-extract "$package" /tmp/next
sed -i 's/^Version: .*/&+next/' /tmp/next/DEBIAN/control
dpkg-deb -Zgzip -z1 --build /tmp/next /tmp/next.deb >/dev/null
before=$(systemctl show --property=MainPID --value gradcamd)
dpkg --install /tmp/next.deb >/dev/null </dev/null || fail "it cannot be upgraded"
systemctl is-active --quiet gradcamd || fail "it does not run after the upgrade"
[[ $(systemctl show --property=MainPID --value gradcamd) != "$before" ]] || fail "the old version still runs"
tail -n 1 /etc/gradcamd/gradcamd.yaml | grep -q laboratory || fail "the upgrade changed the settings"
drop "$second" second.jpg

dpkg --remove gradcamd >/dev/null || fail "it cannot be removed"
systemctl is-active --quiet gradcamd && fail "it runs although it was removed"
systemctl is-active --quiet gradcamd-maintenance.timer && fail "its timer runs although it was removed"
dpkg --purge gradcamd >/dev/null || fail "it cannot be purged"
[[ ! -e /etc/gradcamd/gradcamd.yaml ]] || fail "the purge left the settings"
[[ -e /etc/gradcamd/models/model.torchscript ]] || fail "the purge took a person's model"
[[ $(query "SELECT count(*) FROM log WHERE state = 'done'") == 2 ]] || fail "the purge took the log"
(($(find /srv/gradcamd/done -type f | wc -l) == 2)) || fail "the purge took images"

dpkg --install "$package" >/dev/null || fail "it cannot be installed again"
systemctl enable --now --quiet gradcamd || fail "it does not start with the log of the former one"
[[ $(query "SELECT count(*) FROM log WHERE state = 'done'") == 2 ]] || fail "the log was not taken up"
mkdir --parents /srv/gradcamd-holiday /var/lib/gradcamd-holiday
echo "gradcamd gradcamd/remove-data boolean true" | debconf-set-selections
dpkg --purge gradcamd >/dev/null || fail "it cannot be purged with its data"
[[ ! -e /srv/gradcamd && ! -e /var/lib/gradcamd ]] || fail "the purge left data although it was asked to take them"
[[ -e /srv/gradcamd-holiday && -e /var/lib/gradcamd-holiday ]] || fail "the purge took what is not its own"
