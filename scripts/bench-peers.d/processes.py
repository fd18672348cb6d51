"""Worker processes: started in a session of their own, watched for the CPU time of their whole tree, and always ended."""
import os
import signal
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """Parent and CPU seconds of a process, with those of its children that have ended; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            # The name, in parentheses, may hold anything.
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS


class Workers:
    """The processes of one run. `sample()` notes (wall clock, CPU seconds of all); `cpu_at(time)` reads between two notes."""

    def __init__(self, commands, environment, directory, log):
        self.samples = []
        self._tree, self._tree_read = [], 0.0
        self.processes = []
        try:
            for command in commands:
                self.processes.append(subprocess.Popen(command, env=environment, cwd=directory, stdout=log, stderr=subprocess.STDOUT,
                                                       stdin=subprocess.DEVNULL, start_new_session=True))
        except BaseException:
            self.stop(0)
            raise

    def sample(self):
        now = time.time()
        # Often enough that no child's start-up is taken for work; not at each sample, for all of /proc is read.
        if now - self._tree_read > 0.2:
            parents = {int(name): stat[0] for name in os.listdir("/proc") if name.isdigit() and (stat := _stat(name))}
            tree = {process.pid for process in self.processes}
            while more := {pid for pid, parent in parents.items() if parent in tree and pid not in tree}:
                tree |= more
            self._tree, self._tree_read = sorted(tree), now
        self.samples.append((now, sum(stat[1] for pid in self._tree if (stat := _stat(pid)))))

    def cpu_at(self, when):
        before = [sample for sample in self.samples if sample[0] <= when] or self.samples[:1]
        after = [sample for sample in self.samples if sample[0] > when] or self.samples[-1:]
        (low, used), (high, more) = before[-1], after[0]
        return used if high <= low else used + (more - used) * min(1.0, max(0.0, (when - low) / (high - low)))

    def ended(self):
        return [process for process in self.processes if process.poll() is not None]

    def stop(self, seconds=2):
        """Asks them to end, and ends what does not soon: Celery takes up to nine seconds. Every one leads a process group of its own."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + seconds
        for process in self.processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            # Whatever it has left behind.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
