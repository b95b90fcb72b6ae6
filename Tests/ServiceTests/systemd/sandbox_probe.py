"""Runs in the place of gradcamd, under its unit, and tries what it must not be able to do: sandbox_probe.py STRANGER."""

import ctypes
import errno
import os
import pathlib
import shutil
import socket
import subprocess
import sys

holes = []


def forbidden(what, attempt, *reasons):
    """Must fail, and for the right reason."""
    try:
        attempt()
    except OSError as error:
        if error.errno in reasons:
            return
        holes.append(f"{what}: failed, but for {error}")
    else:
        holes.append(f"{what}: possible")


def allowed(what, attempt):
    try:
        attempt()
    except OSError as error:
        holes.append(f"{what}: {error}")


def write(folder):
    file = pathlib.Path(folder, ".probe")
    file.write_bytes(b"")
    file.unlink()


def unshare_users():
    clone_newuser = 0x10000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newuser) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


for folder in ["/etc/open", "/etc/gradcamd/open", "/var/lib/open"]:
    forbidden(f"write into {folder}", lambda: write(folder), errno.EROFS)
writable = ["/srv/gradcamd", "/var/lib/gradcamd", "/run/gradcamd", "/tmp", "/var/tmp", "/dev/shm"]
for folder in writable:
    allowed(f"write into {folder}", lambda: write(folder))

for family in [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET]:
    forbidden(f"a socket of {family.name}", lambda: socket.socket(family, socket.SOCK_DGRAM), errno.EAFNOSUPPORT)
allowed("a Unix socket", lambda: socket.socket(socket.AF_UNIX).close())
interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
if interfaces != ["lo"]:
    holes.append(f"network interfaces: {interfaces}")

for process in ["1", sys.argv[1]]:
    forbidden(f"see process {process}", lambda: os.stat(f"/proc/{process}"), errno.ENOENT)
# Without it libtorch runs without AVX.
allowed("read /proc/cpuinfo", lambda: open("/proc/cpuinfo").close())

programs = ["/usr/bin/true", "/bin/sh"] + [shutil.copy("/usr/bin/true", folder) for folder in writable]
for program in programs:
    forbidden(f"run {program}", lambda: subprocess.run([program, "-c", "true"]), errno.EACCES)
for program in ["/usr/bin/gradcamd", "/usr/bin/gradcam", "/usr/bin/gradcam-worker"]:
    allowed(f"run {program}", lambda: subprocess.run([program, "--version"], stdout=subprocess.DEVNULL))

allowed("read the model", lambda: open("/etc/gradcamd/models/model.torchscript", "rb").close())
# RestrictNamespaces: a user namespace would give all capabilities in it.
forbidden("a user namespace", unshare_users, errno.EPERM)
# Nothing happens, without an error.
os.setpriority(os.PRIO_PROCESS, 0, 5)
if os.getpriority(os.PRIO_PROCESS, 0) != 0:
    holes.append("another priority: possible")

for hole in holes:
    print(hole)
sys.exit(bool(holes))
