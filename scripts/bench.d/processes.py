"""Runs programs to their end and says what they used, their children included."""
import collections
import ctypes
import os
import subprocess
import tempfile

# What a command came to: what it printed, its exit status, CPU seconds of it and its children, and the peak of its largest process, resident, in MB.
Ending = collections.namedtuple("Ending", "output errors status cpu peak_mb")


class Failure(Exception):
    pass


def run(command, what, **more):
    """Runs a command, and the processes that it leaves behind, to their end."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, text=True, **more)
        try:
            # What a process waited for is in its own usage; what outlived it is adopted, and counted below.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        usages = [usage, *orphans()]
        output.seek(0)
        errors.seek(0)
        complaint = errors.read()
        if process.returncode < 0:
            raise Failure(f"{what} died of signal {-process.returncode}:\n{complaint[-2000:]}")
        return Ending(output.read(), complaint, process.returncode, sum(usage.ru_utime + usage.ru_stime for usage in usages), max(usage.ru_maxrss for usage in usages) * 1024 / 1e6)


def adopt_orphans():
    """Processes that end after their parent become children of this process, and their CPU is counted."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0) != 0:  # PR_SET_CHILD_SUBREAPER
        raise Failure("this kernel does not let a process adopt orphans (prctl PR_SET_CHILD_SUBREAPER): CPU cannot be counted")


def orphans():
    """What the processes used that outlived their parent."""
    usages = []
    while True:
        try:
            usages.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return usages


def checked(command, what, **more):
    ending = run(command, what, **more)
    if ending.status != 0:
        raise Failure(f"{what} failed with status {ending.status}: {' '.join(command)}\n{ending.errors[-2000:]}")
    return ending.output


def one_thread():
    """The environment in which every library computes in one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return {**os.environ, **{name: "1" for name in names}}
