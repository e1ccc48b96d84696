/** Trees of an application: one of any size, and one with everything in it that a backup may lose. */

/**
 * A Python program of TOP FOLDERS FILES MIB: makes folders with that many files and bytes in all; half of it is text
 * and half cannot be compressed. The same for the same arguments.
 */
export const SIZED_TREE = `
import os, random, sys
top, folders, files, mib = sys.argv[1], *map(int, sys.argv[2:])
chance = random.Random(7)
words = [''.join(chance.choices('abcdefghijklmnopqrstuvwxyz', k=chance.randint(2, 9))) for _ in range(500)]
def text(size):
    return ' '.join(chance.choices(words, k=size // 2)).encode()[:size]
pool = b''.join(chance.randbytes(65536) + text(65536) for _ in range(64))
shares = [chance.expovariate(1) for _ in range(files)]
for folder in range(folders):
    os.makedirs(f'{top}/service-{folder:03}/config')
for number, share in enumerate(shares):
    left = max(1, int(share / sum(shares) * mib * 2**20))
    inner = 'config/' if number // folders % 3 == 0 else ''
    with open(f'{top}/service-{number % folders:03}/{inner}file-{number:05}', 'wb') as out:
        while left > 0:
            start = chance.randrange(len(pool) // 2)
            left -= out.write(pool[start:start + left])
`;

/** A Python program of TOP: makes odd names, links, modes, owners and times below it; as root. */
export const ODD_TREE = String.raw`
import os, sys
os.umask(0o022)
os.makedirs(sys.argv[1], exist_ok=True)
os.chdir(sys.argv[1])
def write(path, content=b'#!/bin/sh\necho done\n', mode=0o644, owner=(1002, 1002)):
    with open(path, 'xb') as out:
        out.write(content)
    os.chown(path, *owner)
    os.chmod(path, mode)
def folder(path, mode=0o755, owner=(1002, 1002)):
    os.mkdir(path)
    os.chown(path, *owner)
    os.chmod(path, mode)

folder('names')
for name in [b'with blank', b' first and last ', b'new\nline', b'tab\t', b'-rf', b'--delete', b'#hash', b'*', b'[a]?',
             b'$(id)', b'\x60id\x60', b'quote\'s "two"', b'back\\slash', b'\\n', b'%41%', b'colon:semi;', b'~',
             b'not utf-8 \xff\xfe', 'grüße €'.encode(), b'\x01\x7f', b'..dots', b'.hidden', b'x' * 255]:
    write(b'names/' + name, b'called ' + name)
folder(b'names/-folder\n\xff')
write(b'names/-folder\n\xff/inside')

folder('links')
write('links/target')
for target, name in [('target', 'relative'), ('../names/with blank', 'up'), ('/home/deploy/runners/modes', 'absolute'),
                     ('/etc/passwd', 'out'), ('nowhere', 'dangling'), ('loop', 'loop'), (b'odd \xff\n', 'odd')]:
    os.symlink(target, 'links/' + name)
os.lchown('links/out', 0, 33)

folder('modes')
for name, mode in [('none', 0), ('setuid', 0o4755), ('setgid', 0o2711), ('sticky', 0o1644), ('private', 0o600),
                   ('readonly', 0o444), ('everybody', 0o666), ('program', 0o750)]:
    write('modes/' + name, mode=mode)
write('modes/root', mode=0o640, owner=(0, 0))
write('modes/stranger', owner=(4711, 4712))
folder('modes/group', 0o2775, (1002, 33))
folder('modes/drop', 0o1777, (0, 0))
folder('modes/shut', 0o0)
write('modes/shut/inside', mode=0o0)
folder('empty')
folder('empty/folder', 0o700)
write('empty/file', b'')
write('binary', bytes(range(256)) * 40)
with open('sparse', 'xb') as out:
    out.truncate(3 << 20)
    out.seek(1 << 20)
    out.write(b'island')
for path, at in [('binary', 1), ('links/target', 981173106123456789), ('modes', 2114380800 * 10**9), ('empty', 10**18 + 1)]:
    os.utime(path, ns=(at, at))
os.utime('links/dangling', ns=(10**18, 10**18 + 7), follow_symlinks=False)
`;
