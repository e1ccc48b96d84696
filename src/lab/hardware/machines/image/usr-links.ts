/** What lies in `/usr` and is also known by a shorter name. */
import {readlink} from 'node:fs/promises';

const NAMES = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** The links into `usr` at the top of this machine: an instance has its `/usr`, and so needs the same. */
export async function usrLinks(): Promise<readonly (readonly [name: string, target: string])[]> {
  const targets = await Promise.all(NAMES.map((name) => readlink(`/${name}`).catch(() => undefined)));
  return NAMES.flatMap((name, at) => {
    const target = targets[at];
    return target === undefined ? [] : [[name, target] as const];
  });
}
