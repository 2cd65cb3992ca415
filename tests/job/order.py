"""
The order of what a run writes, renames, syncs and removes, judged from its trace (docs/DESIGN.md, "Commit order").

A power cut takes what was not synced: so a name may appear only when its bytes are on the disk, and nothing may rest on
a name whose folder is not.
"""
import posixpath
import re

TEMP = ".trialseal-tmp-"
DIRTY, SETTLED, CLEAN = "dirty", "settled", "clean"  # settled: sync_file_range waited, syncfs is still to come


class Broken(Exception):
    """The trace breaks a rule."""


def paths(call):
    """
    The paths of a call, in order: 11</a/b>, "c" is /a/b/c, as is "/a/b/c" alone. Of a call on a descriptor its
    path; what else stands there is data.
    """
    if RULES.get(call.name) in ("write", "sync", "settle", "syncfs"):
        found = re.match(r"\d+<([^>]*)>", call.args)
        return [found.group(1)] if found else []
    found, folder = [], "/"
    for descriptor, name in re.findall(r'(?:\d+|AT_FDCWD)<([^>]*)>|"((?:[^"\\]|\\.)*)"', call.args):
        if descriptor:
            folder = descriptor
        else:
            found.append(posixpath.normpath(posixpath.join(folder, name)))
    return found


class Order:
    """Fed with the calls of one run that has something new to publish. Raises Broken where one comes too early; end() where one never came."""

    def __init__(self):
        self.files = {}  # what was written: its state
        self.folders = {}  # folders with a new name in them that is not synced: the name
        self.made = set()  # folders that this run made
        self.published = False  # the checkpoint, and its folder is synced; not any more from a claim on
        self.renames = self.removals = self.receipts = 0

    def feed(self, call):
        if call.error is None and call.result >= 0:
            rule = getattr(self, "on_" + RULES.get(call.name, "nothing"))
            rule(call, paths(call))

    def end(self):
        self.durable("", "at the end")

    # --- rules ---

    def durable(self, below, when, what=lambda path: True):
        """Everything below that path is on the disk."""
        for path, state in self.files.items():
            if state != CLEAN and path.startswith(below) and what(path):
                raise Broken(f"{path} is not synced {when}")
        for folder, name in self.folders.items():
            if folder.startswith(below) and what(name):
                raise Broken(f"{folder} is not synced {when}, and {name} is new in it")

    def on_nothing(self, call, names):
        pass

    def on_open(self, call, names):
        if call.creates and names and names[0].endswith("-wal"):
            self.folders[posixpath.dirname(names[0])] = names[0]
        elif "O_EXCL" in call.args and names:
            self.files[names[0]] = DIRTY

    def on_write(self, call, names):
        if not names or not names[0].startswith("/") or names[0].endswith("-shm") or "/#" in names[0]:
            return  # a pipe, SQLite's index of the log, a file without a name: they need not survive
        if names[0].endswith("catalog.db-wal"):
            self.durable("", "when the transaction is written", lambda path: "/objects/" in path or "/secrets/" in path)
        if names[0] in self.files or TEMP in names[0] or "catalog.db" in names[0]:
            self.files[names[0]] = DIRTY

    def on_sync(self, call, names):
        self.files.pop(names[0], None)
        if self.folders.pop(names[0], "").endswith("/checkpoint") and "/ledger/" in names[0]:
            self.published = True

    def on_settle(self, call, names):
        if "SYNC_FILE_RANGE_WAIT_AFTER" in call.args and names[0] in self.files:
            self.files[names[0]] = SETTLED

    def on_syncfs(self, call, names):
        """All that is on this file system; of a file whose bytes nobody waited for, errors would be lost."""
        self.files = {p: s for p, s in self.files.items() if s == DIRTY}
        self.folders = {}

    def on_mkdir(self, call, names):
        self.made.add(names[0])
        self.folders[posixpath.dirname(names[0])] = names[0]

    def on_rename(self, call, names):
        old, new = names[0], names[1]
        self.renames += 1
        self.durable(old, f"when it becomes {new}", lambda path: path == old or path.startswith(old + "/") or old in self.made)
        if "/ledger/" in new:
            self.durable("", f"when {new} appears",
                         lambda path: path.endswith("catalog.db-wal") or "/objects/" in path or "/secrets/" in path)
        if "/ledger/" in new and new.endswith("/checkpoint"):
            self.durable("", f"when {new} appears", lambda path: "/tile/" in path)
        # A report promises nothing; a backup, in the folder "copy", hands nothing out.
        if "/outbox/" in new and "/report/" not in new and "/copy/" not in new:
            self.receipts += 1
            self.after_publishing(new)
        if "/inbox/" in old:
            self.on_move(old, new)
        self.folders[posixpath.dirname(new)] = new

    def on_move(self, old, new):
        if "/.claimed/" in old:
            self.removals += 1
            self.after_publishing(old)
        elif not new.endswith(".sha256"):
            self.published = False  # what is claimed is owed an entry

    def on_unlink(self, call, names):
        if "/.claimed/" in names[0]:
            self.removals += 1
            self.after_publishing(names[0])
        if names[0].endswith("catalog.db-wal"):
            self.durable("", "when its log is removed", lambda path: path.endswith("catalog.db"))
            self.files.pop(names[0], None)
        if "/objects/" in names[0] and TEMP not in names[0]:
            self.durable(posixpath.dirname(names[0]), "when the plain form of an object is removed")
        self.files.pop(names[0], None)

    def after_publishing(self, name):
        if not self.published:
            raise Broken(f"{name} comes before the checkpoint is published and its folder synced")


RULES = {
    "open": "open", "openat": "open", "write": "write", "pwrite64": "write", "ftruncate": "write", "fsync": "sync",
    "fdatasync": "sync", "sync_file_range": "settle", "syncfs": "syncfs", "mkdir": "mkdir", "mkdirat": "mkdir", "rename": "rename",
    "renameat": "rename", "renameat2": "rename", "link": "rename", "linkat": "rename", "unlink": "unlink", "unlinkat": "unlink",
}


def judge(calls):
    """None, or which rule is broken; and what was seen."""
    order = Order()
    try:
        for call in calls:
            order.feed(call)
        order.end()
    except Broken as broken:
        return str(broken), order
    return None, order
