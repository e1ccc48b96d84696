/** The processes that a lab's keeper is, whatever its lock says. */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** A keeper has the folder of its state in this variable. */
export const STATE_VARIABLE = 'FTASK_LAB_STATE';

export interface KeeperProcess {
  readonly pid: number;
  readonly parent: number;
}

/** The keeper, and what waits for it outside of its namespaces. */
export async function keeperProcesses(stateDir: string): Promise<KeeperProcess[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      if (!(await isKeeper(name, stateDir))) return [];
      return [{pid: Number(name), parent: await parentOf(name)}];
    }),
  );
  return found.flat();
}

async function isKeeper(name: string, stateDir: string): Promise<boolean> {
  const words = (await readOf(name, 'cmdline')).split('\0');
  if (!words.includes('lab_serve') || !words.includes('--hardware')) return false;
  const variables = (await readOf(name, 'environ')).split('\0');
  return variables.includes(`${STATE_VARIABLE}=${stateDir}`);
}

/** Empty for one that is gone. */
function readOf(name: string, file: string): Promise<string> {
  return readFile(join('/proc', name, file), 'utf8').catch(() => '');
}

/** The fields begin behind the name, which may hold anything. */
async function parentOf(name: string): Promise<number> {
  const stat = await readOf(name, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
