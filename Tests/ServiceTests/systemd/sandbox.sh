#!/usr/bin/env bash
# The sandbox from inside: a probe in the place of the service, under the directives of the real unit; then the real
# service, whose workers have no capability, see the processor's vector instructions, and say nothing unasked.
source "$(dirname "$0")/lib.sh"
install_service

# What the user's own permissions would allow, so that only the sandbox can forbid it.
install -d -m 777 /etc/open /etc/gradcamd/open /var/lib/open
setpriv --reuid=mallory --regid=mallory --clear-groups sleep infinity &
stranger=$!
interpreter=$(realpath /usr/bin/python3)
# The sandbox hides /tmp and /home, where this checkout may be.
install -m 644 "$here/sandbox_probe.py" /usr/local/lib/
drop_in probe <<DROPIN
Type=oneshot
Restart=no
ExecPaths=$interpreter
ExecStart=
ExecStart=$interpreter /usr/local/lib/sandbox_probe.py $stranger
DROPIN
systemctl start gradcamd || fail "the sandbox has a hole"
kill $stranger
rm /etc/systemd/system/gradcamd.service.d/probe.conf $root/true /var/lib/gradcamd/true
systemctl daemon-reload

start
as alice cp "$pictures/baseline.jpg" $root/inbox/
wait_for "an image is done" has_done 1

status_of() { sed -n "s/^$2:\t//p" "/proc/$1/status"; }
main=$(property MainPID)
worker=$(pgrep --parent "$main" --full gradcam-worker)
# CAP_LEASE is bit 28.
[[ $(status_of "$main" CapEff) == 0000000010000000 ]] || fail "the service has capabilities: $(status_of "$main" CapEff)"
for set in CapPrm CapEff CapAmb; do
    [[ $(status_of "$worker" $set) == 0000000000000000 ]] || fail "a worker has $set $(status_of "$worker" $set)"
done
[[ $(status_of "$worker" NoNewPrivs) == 1 && $(status_of "$worker" Seccomp) == 2 ]] || fail "a worker is not confined"

# The probe saw no interface but lo. Nor has a container always another: it must be a network of its own.
[[ $(readlink "/proc/$main/ns/net") != "$(readlink /proc/self/ns/net)" ]] || fail "it shares the machine's network"

inside=$(query "SELECT cpu_capability FROM run")
outside=$(gradcam inspect /etc/gradcamd/models/model.torchscript --json | sed -n 's/.*"cpu_capability" *: *"\([^"]*\)".*/\1/p')
[[ -n $inside && $inside == "$outside" ]] || fail "libtorch uses '$inside' inside, '$outside' outside"

# A refused system call that some library complains about would be lines at each start, beside ours, which have fields.
noise=$(journalctl --unit=gradcamd _TRANSPORT=stdout + _TRANSPORT=syslog _UID="$(id --user gradcamd)" --output=cat --no-pager)
[[ -z $noise ]] || fail "the journal has noise: $noise"
