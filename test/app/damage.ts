/** What may become of an archive: each way is one thing wrong with it, and all else is right. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** `in` stands in the snapshot's own folder, the others lead out of it or are what no snapshot has. */
export const MEMBERS = {
  'an extra file': ['file', 'in'],
  'a file under ..': ['file', '../../evil'],
  'a file of an absolute name': ['file', '/tmp/evil'],
  'a symlink out of the tree': ['symlink', 'in', '../../../etc/passwd'],
  'a file behind a symlink': ['behind', 'in', '/tmp'],
  'a hard link out of the tree': ['hardlink', 'in', '/etc/passwd'],
  'a device node': ['device', 'in'],
  'a fifo': ['fifo', 'in'],
  'a setuid program': ['setuid', 'in'],
} as const;

export type Member = keyof typeof MEMBERS;

/** Adds a member to a `.tar.gz` or `.tar.zst`; its sidecar is that of the new archive. */
export async function addMember(archive: string, member: Member): Promise<void> {
  await run('python3', ['-c', ADD, archive, ...MEMBERS[member]]);
}

/** Turns one bit over; the sidecar stays. */
export async function flipBit(archive: string, atByte: number): Promise<void> {
  const flip =
    'import sys\nwith open(sys.argv[1], "r+b") as f:\n  at = int(sys.argv[2])\n  f.seek(at)\n  byte = f.read(1)[0]\n';
  await run('python3', ['-c', `${flip}  f.seek(at)\n  f.write(bytes([byte ^ 1]))`, archive, `${atByte}`]);
}

/** Makes the sidecar right again, so that only what is in the archive can tell that it is wrong. */
export async function signAnew(archive: string): Promise<void> {
  await run('python3', ['-c', `${SIGN}\nsign(__import__('sys').argv[1])`, archive]);
}

const SIGN = `
import hashlib, os
def sign(archive):
    with open(archive, 'rb') as f:
        digest = hashlib.file_digest(f, 'sha256').hexdigest()
    with open(f'{archive}.sha256', 'w') as f:
        f.write(f'{digest}  {os.path.basename(archive)}\\n')
`;

const ADD = `${SIGN}
import io, subprocess, sys, tarfile
archive, kind, place, *target = sys.argv[1:]
program = 'gzip' if archive.endswith('.gz') else 'zstd'
plain = subprocess.run([program, '-dc', archive], check=True, capture_output=True).stdout
out = io.BytesIO(plain)
with tarfile.open(fileobj=out, mode='r:') as tar:
    top = tar.getnames()[0].removeprefix('./').split('/')[0]
out.seek(0)
with tarfile.open(fileobj=out, mode='a', format=tarfile.GNU_FORMAT) as tar:
    def add(name, type=tarfile.REGTYPE, content=b'evil\\n', mode=0o600):
        member = tarfile.TarInfo(name)
        member.type, member.mode, member.linkname = type, mode, target[0] if target else ''
        if type == tarfile.REGTYPE:
            member.size = len(content)
        if type == tarfile.CHRTYPE:
            member.devmajor, member.devminor = 1, 3
        tar.addfile(member, io.BytesIO(content) if type == tarfile.REGTYPE else None)
    name = f'{top}/services/added' if place == 'in' else place if place[0] == '/' else f'{top}/{place}'
    if kind == 'behind':
        add(name, tarfile.SYMTYPE)
        add(f'{name}/evil')
    else:
        types = {'symlink': tarfile.SYMTYPE, 'hardlink': tarfile.LNKTYPE, 'device': tarfile.CHRTYPE, 'fifo': tarfile.FIFOTYPE}
        add(name, types.get(kind, tarfile.REGTYPE), mode=0o4755 if kind == 'setuid' else 0o600)
with open(archive, 'wb') as f:
    subprocess.run([program, '-c'], check=True, input=out.getvalue(), stdout=f)
sign(archive)
`;
