"""Tells, a JSON line each, which files and folders below FOLDER... group or others could read or write at any moment.

Of what is opened it knows the mode before whoever opens it does: fanotify(7) lets nobody go on without its leave. What is
made or changed otherwise it hears of a moment later (inotify(7)). And nobody, the user, tries to open all of it.
Says "ready" first, ends when its input does, and says at last how much it saw.
"""
import ctypes, json, os, select, signal, stat, struct, sys, time

begin = time.time_ns()

libc = ctypes.CDLL(None, use_errno=True)
folders = [os.path.realpath(folder) for folder in sys.argv[1:]]
FAN_ALLOW, FAN_OPEN_PERM, FAN_ONDIR = 1, 0x10000, 0x40000000
IN_ATTRIB, IN_MOVED_TO, IN_CREATE, IN_ISDIR, IN_Q_OVERFLOW = 0x4, 0x80, 0x100, 0x40000000, 0x4000
NOBODY = 65534


def tell(**what):
    os.write(1, (json.dumps(what) + '\n').encode())


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def is_inside(path):
    return any(path.startswith(folder + '/') for folder in folders)


def judge(path, is_now, how):
    mode = is_now.st_mode
    is_kind = stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISFIFO(mode)
    if is_kind and mode & 0o077 and is_now.st_ctime_ns >= begin:
        tell(path=path, mode=oct(stat.S_IMODE(mode)), how=how)


def watch_opening(ready):
    group = must(libc.fanotify_init(0x4 | 0x10 | 0x1, os.O_RDONLY | os.O_LARGEFILE | os.O_CLOEXEC))
    for folder in folders:
        mask = ctypes.c_uint64(FAN_OPEN_PERM | FAN_ONDIR)
        must(libc.fanotify_mark(group, 0x1 | 0x10, mask, -100, folder.encode()))
    os.close(ready)
    while True:
        events = os.read(group, 65536)
        while events:
            length, _, _, _, _, opened, _ = struct.unpack('IBBHQii', events[:24])
            events = events[length:]
            path = os.fsdecode(os.readlink(f'/proc/self/fd/{opened}'))
            if is_inside(path):
                judge(path, os.fstat(opened), 'opened')
            os.write(group, struct.pack('iI', opened, FAN_ALLOW))
            os.close(opened)


def be_nobody(paths):
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    rest = b''
    while chunk := paths.read(65536):
        *whole, rest = (rest + chunk).split(b'\0')
        for path in whole:
            try_to_open(path)


def try_to_open(path):
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    tell(path=os.fsdecode(path), mode=oct(stat.S_IMODE(os.fstat(opened).st_mode)), how='read by nobody')
    os.close(opened)


class Changes:
    def __init__(self, to_nobody):
        self.to_nobody, self.places, self.seen = to_nobody, {}, 0
        self.queue = must(libc.inotify_init1(os.O_NONBLOCK))
        for folder in folders:
            self.follow(os.fsencode(folder), is_new=False)

    def follow(self, folder, is_new):
        watch = libc.inotify_add_watch(self.queue, folder, ctypes.c_uint32(IN_ATTRIB | IN_MOVED_TO | IN_CREATE))
        if watch < 0:
            return
        self.places[watch] = folder
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            # It came before its folder was watched.
            if is_new:
                self.look(entry.path)
            if entry.is_dir(follow_symlinks=False):
                self.follow(entry.path, is_new)

    def look(self, path):
        self.seen += 1
        try:
            is_now = os.lstat(path)
        except OSError:
            return
        judge(os.fsdecode(path), is_now, 'changed')
        self.to_nobody.write(path + b'\0')

    def take(self):
        try:
            events = os.read(self.queue, 1 << 20)
        except BlockingIOError:
            return False
        while events:
            watch, mask, _, length = struct.unpack('iIII', events[:16])
            name = events[16:16 + length].rstrip(b'\0')
            events = events[16 + length:]
            if mask & IN_Q_OVERFLOW:
                tell(path='', mode='', how='lost events')
            if name and watch in self.places:
                path = os.path.join(self.places[watch], name)
                self.look(path)
                if mask & IN_ISDIR and mask & (IN_CREATE | IN_MOVED_TO):
                    self.follow(path, is_new=True)
        return True


ready, is_ready = os.pipe()
opening = os.fork()
if opening == 0:
    watch_opening(is_ready)
os.close(is_ready)
os.read(ready, 1)
if os.waitpid(opening, os.WNOHANG)[0]:
    sys.exit('fanotify does not work here')
paths, to_nobody = os.pipe()
nobody = os.fork()
if nobody == 0:
    os.close(to_nobody)
    be_nobody(open(paths, 'rb', buffering=0))
    os._exit(0)
os.close(paths)
changes = Changes(open(to_nobody, 'wb', buffering=0))
print('"ready"', flush=True)
while not select.select([0, changes.queue], [], [])[0].count(0) or os.read(0, 1):
    changes.take()
while changes.take():
    pass
changes.to_nobody.close()
os.waitpid(nobody, 0)
os.kill(opening, signal.SIGKILL)
tell(seen=changes.seen)
