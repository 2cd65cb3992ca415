"""An ext4 of its own, in a file on a loop device. Needs root."""
import os
import subprocess
from pathlib import Path

PROGRAMS = Path(os.path.abspath(os.environ.get("O", "out")))
POWER_CUT = str(PROGRAMS / "tests" / "bin" / "power_cut")


class Disk:
    def __init__(self, folder, mebibytes):
        self.image, self.mount = Path(folder) / "image", Path(folder) / "mount"
        self.mount.mkdir(parents=True)
        with open(self.image, "wb") as f:
            f.truncate(mebibytes << 20)
        do("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))
        self.plug()

    def plug(self):
        do("mount", "-o", "loop", str(self.image), str(self.mount))

    def sync(self):
        do("sync", "-f", str(self.mount))

    def cut(self, writer):
        """writer: who is stopped, and never goes on."""
        do(POWER_CUT, str(self.mount))
        writer.kill()
        writer.wait()
        do("umount", str(self.mount))
        self.plug()

    def free(self):
        """Bytes that can still be written."""
        s = os.statvfs(self.mount)
        return s.f_bavail * s.f_frsize

    def close(self):
        subprocess.run(["umount", str(self.mount)], check=False, stderr=subprocess.DEVNULL)


def do(*command):
    subprocess.run(command, check=True)
