# What the scenarios of this folder share. They source it inside a booted systemd (with-systemd.sh), with the folder of
# the programs and that of the test networks as their arguments. shellcheck shell=bash
set -euo pipefail
programs=$1 networks=$2
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
scenario=$(basename "$0")
pictures=$PWD/Tests/EngineTests/Fixtures/pictures
root=/srv/gradcamd
log=/var/lib/gradcamd/log.db

fail() {
    echo "$scenario: $*" >&2
    journalctl --no-pager --lines=40 --unit='gradcamd*' >&2 || true
    systemctl status --no-pager --lines=0 'gradcamd*' >&2 || true
    exit 1
}

# wait_for WHAT COMMAND...: until the command succeeds. A minute is far more than anything here takes.
wait_for() {
    local what=$1 end=$((SECONDS + 60))
    shift
    while ((SECONDS < end)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "it never came to this: $what"
}

query() { sqlite3 "file:$log?mode=ro" "$@"; }
count() { query "SELECT count(*) FROM log WHERE state = '${1:-done}'"; }
has_done() { (($(count) >= $1)); }
# has PATTERN COMMAND...: whether the command prints it. At a pipe grep -q would end the command early, by a signal that
# pipefail takes for a failure.
has() { grep --quiet -- "$1" <<<"$("${@:2}")"; }
work_is_empty() { [[ -z $(ls $root/work) ]]; }
property() { systemctl show "${2:-gradcamd}" --property="$1" --value; }

# As members of the group do it: alice is one, mallory is none.
as() { setpriv --reuid="$1" --regid="$1" --init-groups -- "${@:2}"; }

# What the package does: programs, user, folders, units, settings, a model. Without arguments the classifier's.
install_service() {
    local unit
    install -m 755 "$programs"/{gradcamd,gradcam,gradcam-worker} /usr/bin/
    systemd-sysusers "$PWD/systemd/gradcamd.sysusers" 2>/dev/null
    systemd-tmpfiles --create "$PWD/systemd/gradcamd.tmpfiles"
    useradd --no-create-home --groups gradcamd alice
    useradd --no-create-home mallory
    install -D -m 644 etc/gradcamd/gradcamd.yaml -t /etc/gradcamd
    # Scenarios look at the one worker.
    sed -i 's/^  count: auto$/  count: 1/' /etc/gradcamd/gradcamd.yaml
    install_model "${1:-efficientnet-lite0}" model
    install -m 644 systemd/*.{service,socket,timer} /etc/systemd/system/
    # A package links Swift's runtime statically; what is tested here finds it where the compiler put it.
    local runtime
    runtime=$(ldd /usr/bin/gradcamd | sed -n 's|.*=> \(/.*\)/libswiftCore.so .*|\1|p')
    if [[ -n $runtime ]]; then
        for unit in gradcamd{,@,-maintenance,-maintenance@,-metrics@}; do
            drop_in runtime "$unit.service" <<<"ExecPaths=$runtime"
        done
    fi
    # Dropped files are whole here.
    for unit in gradcamd{,@}; do
        drop_in settle "$unit.service" <<<"Environment=GRADCAMD_INBOX_SETTLE_SECONDS=0.2"
    done
    systemctl daemon-reload
}

# install_model NETWORK NAME: as /etc/gradcamd/models/NAME.torchscript, with its card.
install_model() {
    install -D -m 644 "$networks/$1.torchscript" "/etc/gradcamd/models/$2.torchscript"
    [[ ! -e $networks/$1.yaml ]] || install -m 644 "$networks/$1.yaml" "/etc/gradcamd/models/$2.yaml"
}

# drop_in NAME [UNIT]: lines of [Service] from standard input.
drop_in() {
    local folder=/etc/systemd/system/${2:-gradcamd.service}.d
    mkdir -p "$folder"
    { echo "[Service]" && cat; } >"$folder/$1.conf"
    systemctl daemon-reload
}

# Returns when READY=1 came, so that the inbox is watched.
start() { systemctl start "${1:-gradcamd}" || fail "${1:-gradcamd} did not start"; }

# drop COUNT [FIRST]: so many distinct photographs, by alice.
drop() { as alice /usr/bin/python3 "$here/drop_photographs.py" "$pictures/baseline.jpg" "$root/inbox" "$1" "${2:-1}"; }

# everything_once COUNT: the log, the outbox and done/ have each image once and whole, and nothing is left elsewhere.
everything_once() {
    local overlays left
    # Rows are complete before originals have moved.
    wait_for "work/ is empty" work_is_empty
    [[ $(count) == "$1" ]] || fail "$(count) rows are done instead of $1: $(query "SELECT state, name FROM log")"
    [[ $(query "SELECT count(DISTINCT name) FROM log") == "$1" ]] || fail "an image has two rows, or none"
    overlays=$(query "SELECT overlay FROM log ORDER BY overlay")
    [[ $overlays == "$(find $root/outbox -type f | sort)" ]] || fail "rows and overlays differ"
    [[ -z $(find $root/outbox -type f -empty) ]] || fail "an overlay is empty"
    [[ $(find $root/done -type f | wc -l) == "$1" ]] || fail "done/ does not have every original once"
    left=$(find $root/inbox $root/work $root/failed -mindepth 1 ! -name .gradcamd)
    [[ -z $left ]] || fail "left over: $left"
    [[ $(query "PRAGMA quick_check") == ok ]] || fail "the log is damaged"
}
