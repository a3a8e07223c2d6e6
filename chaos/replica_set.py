# The replica set while its members are killed, stand still and run out of disk. Members are numbers from 0.
import dataclasses
import os
import shutil
import signal
import subprocess
import time

from mongodb import MongoServer, stack, stack_mongodb

PATIENCE = 60  # Seconds for an election, or for a member to catch up.
SYNCED = (1, 2)  # The states of a primary and a secondary.
# Fail points are for a server's own tests; whoever does not turn one on sees no difference.
WITH_FAIL_POINTS = ["--setParameter", "enableTestCommands=1"]
DISK_BYTES = 4 << 30  # Of a small disk, until it is made smaller.


class MountRefused(Exception):
    """There can be no disk of its own here."""


def until(probe, what, seconds=PATIENCE):
    """What `probe` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"there was no {what} within {seconds} s")
        time.sleep(0.05)
    return found


class ReplicaSet(MongoServer):
    election_ms = stack_mongodb.ELECTION_MS

    def __init__(self, folder):
        self.frozen, self.disks = set(), set()
        super().__init__(folder)

    def served(self, name):
        server = super().served(name)
        return dataclasses.replace(server, arguments=lambda *where: [*server.arguments(*where), *WITH_FAIL_POINTS])

    # ------------------------------------------------------------------------------------------ who is what

    def primary(self):
        """Who takes writes; nothing while they vote."""
        return next((n for n in self.awake() if b"isWritablePrimary\0\1" in self.hello(n)), None)

    def awake(self):
        return [n for n, member in enumerate(self.members) if member.state() and n not in self.frozen]

    def hello(self, number):
        member = self.members[number]
        try:
            return stack_mongodb.hello(member.folder, member.state()["port"])
        except (OSError, TypeError):
            return b""  # It ends just now.

    def await_primary(self):
        return until(lambda: [n for n in [self.primary()] if n is not None], "primary")[0]

    def roles(self):
        """(the primary, the others)."""
        primary = self.await_primary()
        return primary, [n for n in range(len(self.members)) if n != primary]

    def direct(self, number):
        """A client of one member alone."""
        member = self.members[number]
        return stack_mongodb.client(member.folder, member.state()["port"])

    def data(self, number):
        return self.members[number].folder / "data"

    def pid_of(self, number):
        return self.members[number].state()["pid"]

    # ------------------------------------------------------------------------------------------ what is done to them

    def kill(self, numbers):
        for number in numbers:
            os.kill(self.pid_of(number), signal.SIGKILL)
        for number in numbers:
            self.frozen.discard(number)
            until(lambda: not self.members[number].state(), "end of a member that was killed")

    def start(self, numbers):
        if failed := stack.up([self.members[number] for number in numbers], say=lambda line: None):
            raise RuntimeError("; ".join(failed))

    def freeze(self, numbers=None):
        if numbers is None:
            return super().freeze()
        for number in numbers:
            os.kill(self.pid_of(number), signal.SIGSTOP)
            self.frozen.add(number)
        return None

    def thaw(self, numbers):
        for number in numbers:
            os.kill(self.pid_of(number), signal.SIGCONT)
            self.frozen.discard(number)

    def fetch_nothing(self, numbers, is_on=True):
        """These get no more writes of the primary, and what is on its way to them is refused: without that, what stands
        in the buffers of a socket would survive the primary."""
        for number in numbers:
            with self.direct(number) as client:
                mode = "alwaysOn" if is_on else "off"
                client.admin.command({"configureFailPoint": "stopReplProducer", "mode": mode})

    def step_up(self, number):
        def leads():
            if self.primary() == number:
                return True
            import pymongo  # Here, for who has no need of it.

            try:
                with self.direct(number) as client:
                    client.admin.command("replSetStepUp")
            except pymongo.errors.PyMongoError:
                pass  # The others may not be ready for it.
            return False

        until(leads, f"lead of member {number}")

    def empty(self, number):
        """What it had is gone; it must not run."""
        shutil.rmtree(self.data(number))
        self.data(number).mkdir()

    # ------------------------------------------------------------------------------------------ small disks

    def move_to_disk(self, number):
        """Onto one of its own, with all it has. Raises MountRefused."""
        data = self.data(number)
        self.stop(number)
        aside = data.with_name("data.aside")
        data.rename(aside)
        data.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", data]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            data.rmdir()
            aside.rename(data)
            self.start([number])
            raise MountRefused(done.stderr.strip())
        self.disks.add(number)
        shutil.copytree(aside, data, dirs_exist_ok=True)
        shutil.rmtree(aside)
        self.start([number])

    def stop(self, number):
        stack.down([self.members[number]])

    def resize(self, number, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.data(number)], check=True)

    def fill(self, number):
        """No byte is free on its disk any more; returns once that has ended it."""
        while True:
            about = os.statvfs(self.data(number))
            used = (about.f_blocks - about.f_bfree) * about.f_frsize
            try:
                self.resize(number, used)
                break
            except subprocess.CalledProcessError:
                continue  # It wrote meanwhile.
        until(lambda: self.has_ended(number), "end of a member without disk")

    def has_ended(self, number):
        import pymongo

        if not self.members[number].state():
            return True
        try:
            with self.direct(number) as client:
                client.admin.command("fsync")  # As it does each minute by itself.
        except (pymongo.errors.PyMongoError, TypeError):
            pass
        return not self.members[number].state()

    def leave_disk(self, number):
        data = self.data(number)
        self.stop(number)
        aside = data.with_name("data.aside")
        shutil.copytree(data, aside)
        subprocess.run(["umount", data], check=True)
        data.rmdir()
        aside.rename(data)
        self.disks.discard(number)
        self.start([number])

    # ------------------------------------------------------------------------------------------ the end

    def await_all(self):
        """Until each has what the primary has now."""
        with self.client() as client:
            status = lambda: client.admin.command("replSetGetStatus")["members"]
            ends = lambda found: [one["optime"]["ts"] for one in found if one["state"] in SYNCED]
            aim = max(ends(status()))
            until(lambda: sum(end >= aim for end in ends(status())) == len(self.members), "set of three that are level")

    def heal(self):
        """Whatever a scenario left: all run and have all."""
        self.thaw(list(self.frozen))
        for number in self.disks:
            self.resize(number, DISK_BYTES)
        self.start([number for number, member in enumerate(self.members) if not member.state()])
        self.fetch_nothing(range(len(self.members)), False)
        self.await_primary()
        self.await_all()
        for number in list(self.disks):
            self.leave_disk(number)
        self.elect_after(self.election_ms)
        self.find_primary()

    def close(self):
        self.thaw(list(self.frozen))
        stack.down(self.members)
        for number in self.disks:
            subprocess.run(["umount", "--lazy", self.data(number)], check=False)
