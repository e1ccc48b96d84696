/** A copy of a backup that is not what it was. */
import {copyFile, stat, truncate} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {addMember, flipBit, signAnew} from '../../../app/damage.ts';
import type {TestHost} from '../../../app/host/host.ts';
import type {Accident, Damage} from './accidents.ts';

/** What is whole: the same backup, in all of its forms. */
export interface Whole {
  /** On the host. */
  readonly folder: string;
  readonly archive: string;
  /** Here. */
  readonly file: string;
}

/** Makes it; returns what to restore from. `here` is a folder of this machine. */
export async function damagedCopy(
  host: TestHost,
  whole: Whole,
  here: string,
  accident: Accident & {readonly kind: Damage},
): Promise<string> {
  if (accident.from === 'folder') return damagedFolder(host, whole.folder, accident);
  const file = join(here, basename(whole.file));
  await copyFile(whole.file, file);
  await copyFile(`${whole.file}.sha256`, `${file}.sha256`);
  await damageArchive(file, accident);
  if (accident.from === 'file') return file;
  const copy = `${whole.folder}-damaged.tar.gz`;
  await host.sh(`/usr/bin/cp -a ${whole.archive} ${copy}`);
  await copyFile(file, host.file(copy));
  await copyFile(`${file}.sha256`, host.file(`${copy}.sha256`));
  return basename(copy);
}

async function damageArchive(
  file: string,
  {kind, at, isSigned}: Accident & {readonly kind: Damage},
): Promise<void> {
  if (kind === 'extra file') return addMember(file, 'an extra file');
  if (kind === 'member under ..') return addMember(file, 'a file under ..');
  if (kind === 'symlink out') return addMember(file, 'a symlink out of the tree');
  const place = Math.floor(at * (await stat(file)).size);
  if (kind === 'bit flipped') await flipBit(file, place);
  else await truncate(file, place);
  if (isSigned) await signAnew(file);
}

/** Its files are damaged one by one: the one at the part `at` of all of them. */
async function damagedFolder(
  host: TestHost,
  folder: string,
  {kind, at}: Accident & {readonly kind: Damage},
): Promise<string> {
  const copy = `${folder}-damaged`;
  const damages = {
    'bit flipped': "byte ^= 1; open(path, 'r+b').write(bytes([byte]))",
    truncated: 'os.truncate(path, os.path.getsize(path) // 2)',
    'extra file': "open(beside, 'x').close()",
    'symlink out': "os.symlink('../../../etc/passwd', beside)",
    'member under ..': '',
  };
  await host.sh(`/usr/bin/cp -a ${folder} ${copy}; python3 - ${copy} ${at}`, {
    input: `import os, sys
paths = sorted(os.path.join(at, name) for at, _, names in os.walk(sys.argv[1]) for name in names)
paths = [path for path in paths if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) > 0]
path = paths[int(float(sys.argv[2]) * len(paths))]
beside = os.path.join(os.path.dirname(path), 'more')
byte = open(path, 'rb').read(1)[0]
${damages[kind]}
`,
  });
  return basename(copy);
}
