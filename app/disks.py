"""Whether a file would outlive the machine that it lies on."""

import re
from collections.abc import Mapping
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")  # man 5 proc_pid_mountinfo; absent where the system is not Linux
HOSTS = {  # what each host puts into the environment of its machines
    "DYNO": "Heroku",
    "K_SERVICE": "Cloud Run",
    "RENDER": "Render",
    "FLY_APP_NAME": "Fly.io",
    "RAILWAY_ENVIRONMENT_ID": "Railway",
    "DOORBOT_IMAGE": "a container",  # our own Dockerfile says so
}
PART_OF_THE_MACHINE = ("/", "/app")  # what is mounted elsewhere was put there to stay
FLEETING = ("overlay", "aufs", "tmpfs", "ramfs")  # kinds of file systems


def throwaway_host(environ: Mapping[str, str]) -> str:
    """Which host this runs on that gives every start a new machine; "" for any other."""
    return next((name for variable, name in HOSTS.items() if environ.get(variable)), "")


def vanishing_disk(path: Path, environ: Mapping[str, str], mounts: Path = MOUNTS) -> str:
    """Why a file here is lost with the machine, in a few words; "" where nothing speaks for it."""
    host, (point, kind) = throwaway_host(environ), _mount(path.resolve(), mounts)
    if host and point in PART_OF_THE_MACHINE:
        return f"{host} keeps nothing from one start to the next that does not lie on a disk of its own"
    if kind in FLEETING:
        return f"{point} is kept in memory or in a container ({kind}) and is lost with it"
    return ""


def _mount(path: Path, mounts: Path) -> tuple[str, str]:
    """Where the file system that holds a file is mounted, and of what kind it is."""
    found = ("/", "")
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in lines:
        usual, _, special = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), usual.split()[4])
        if path.is_relative_to(point) and len(point) >= len(found[0]):  # of two at one place the later one is seen
            found = (point, special.split()[0])
    return found
