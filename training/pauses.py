"""Who wants the machine for himself: a file in a folder for each, named by a process id or by anything.

A test or a bench leaves a file with its process id, so that the training lets it go first and goes on by itself
when that process has gone. `by-hand` is a person's. Knows nothing of the training.
"""
import os
import time


def folder(work):
    return os.path.join(work, "paused-by")


def lives(name):
    if not name.isdigit():
        return True
    try:
        os.kill(int(name), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def who_pauses(work):
    """-> names of the files whose process lives; files of processes that have gone are removed."""
    try:
        names = os.listdir(folder(work))
    except FileNotFoundError:
        return []
    for name in names:
        if not lives(name):
            try:
                os.remove(os.path.join(folder(work), name))
            except OSError:
                pass
    return [name for name in names if lives(name)]


def wait_while_paused(work, is_asked_to_stop, every=1.0):
    """-> seconds waited."""
    began = time.time()
    while who_pauses(work) and not is_asked_to_stop():
        time.sleep(every)
    return time.time() - began
