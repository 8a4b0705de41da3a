/**
 * The Python program that runs model output, as text: it goes to `python3 -I -c`. One JSON line
 * {"id", "code"} in, one {"id", "outcome", "detail"} out, one forked child a program. Every wall is
 * put up where the system permits it, so that a developer's laptop has most of them:
 * a network namespace of its own, no user privileges, no children, 2 GB, 4 s, no file writes; and
 * an audit hook that refuses sockets, processes and file changes everywhere.
 */
export const limits = { seconds: 4, memoryBytes: 2 * 1024 ** 3 } as const;

export const pythonRunner = String.raw`
import sys, os, json, signal, time, resource, secrets, traceback
# Imported here: after the child has given up its rights it may not be able to read them.
import typing, math, re, collections, itertools, functools, hashlib, heapq, random, string, copy
import statistics, fractions, decimal, datetime, bisect, operator, cmath, numbers, queue, types
import linecache, encodings.idna

SECONDS, MEMORY = int(sys.argv[1]), int(sys.argv[2])
GRACE = 2

def isolate():
    """Once, for the runner and all its children. Best effort: not every system has namespaces."""
    try:
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        NEWNET, NEWUSER = 0x40000000, 0x10000000
        if libc.unshare(NEWNET) != 0 and os.geteuid() != 0:
            libc.unshare(NEWUSER | NEWNET)
    except Exception:
        pass

def limit(kind, amount):
    try:
        resource.setrlimit(getattr(resource, kind), (amount, amount))
    except Exception:
        pass

REFUSED = ('socket.', 'subprocess.', 'os.system', 'os.exec', 'os.fork', 'os.posix_spawn', 'os.spawn',
           'os.kill', 'os.remove', 'os.rename', 'os.rmdir', 'os.mkdir', 'os.link', 'os.symlink',
           'os.truncate', 'os.chmod', 'os.chown', 'os.utime', 'os.chdir', 'os.chflags', 'shutil.',
           'tempfile.', 'ctypes.', 'ftplib.', 'smtplib.', 'urllib.', 'webbrowser.', 'pty.', 'signal.')

def refuse(event, args):
    if event.startswith(REFUSED):
        raise PermissionError(event + ' is not allowed here')
    if event == 'open':
        mode, flags = args[1], args[2]
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if (isinstance(mode, str) and set(mode) & set('wax+')) or (isinstance(flags, int) and flags & writes):
            raise PermissionError('writing files is not allowed here')

def child(code, reply):
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    # What the program may not have: the pipe to our caller.
    os.closerange(3, reply)
    os.closerange(reply + 1, 256)
    limit('RLIMIT_AS', MEMORY)
    limit('RLIMIT_FSIZE', 0)
    limit('RLIMIT_CORE', 0)
    limit('RLIMIT_CPU', SECONDS + 1)
    if os.geteuid() == 0:
        try:
            os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
        except Exception:
            pass
    limit('RLIMIT_NPROC', 0)
    signal.alarm(SECONDS)
    sys.setrecursionlimit(1000)
    sys.addaudithook(refuse)
    say = lambda text: os.write(reply, text.encode('utf-8', 'replace')[:400])
    try:
        exec(compile(code, 'program', 'exec'), {'__name__': 'program'})
    except BaseException as error:
        try:
            lines = traceback.format_exception_only(type(error), error)
            say('-' + ''.join(lines).strip().split('\n')[-1])
        finally:
            os._exit(1)
    # A program that merely exits must not count: it cannot know this word.
    say(WORD)
    os._exit(0)

def run(code):
    global WORD
    WORD = secrets.token_hex(16)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            child(code, write)
        finally:
            os._exit(1)
    os.close(write)
    deadline, pause, status = time.monotonic() + SECONDS + GRACE, 0.001, None
    while status is None:
        done, state = os.waitpid(pid, os.WNOHANG)
        if done:
            status = state
        elif time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
        else:
            time.sleep(pause)
            pause = min(0.02, pause * 1.5)
    os.set_blocking(read, False)
    try:
        said = os.read(read, 400).decode('utf-8', 'replace')
    except BlockingIOError:
        said = ''
    os.close(read)
    if said == WORD and status == 0:
        return 'passed', ''
    if os.WIFSIGNALED(status):
        by = os.WTERMSIG(status)
        late = by in (signal.SIGALRM, signal.SIGKILL, signal.SIGXCPU)
        return ('timeout', '') if late else ('crashed', signal.Signals(by).name)
    return 'failed', said[1:] if said.startswith('-') else 'it ended by itself'

def main():
    isolate()
    print(json.dumps({'id': -1, 'outcome': 'ready', 'detail': sys.version.split()[0]}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            outcome, detail = run(request['code'])
        except Exception as error:
            outcome, detail = 'crashed', repr(error)
        print(json.dumps({'id': request['id'], 'outcome': outcome, 'detail': detail}), flush=True)

main()
`;
