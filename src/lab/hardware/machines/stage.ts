/** The folder that an instance is put together in: the places of its mounts, and what it is told at boot. */
import {mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {INIT} from './boot-script.ts';
import {extraPrograms} from './extra-programs.ts';
import {usrLinks} from './image/usr-links.ts';
import type {MachineSpec} from './machine-spec.ts';
import {readUserData} from './user-data.ts';

/** Makes the folder anew. */
export async function prepareStage(stage: string, spec: MachineSpec): Promise<void> {
  await rm(stage, {recursive: true, force: true});
  await Promise.all(['root', 'usr', 'seed'].map((name) => mkdir(join(stage, name), {recursive: true})));
  for (const [name, target] of await usrLinks()) await symlink(target, join(stage, name));
  const {script, hostKey, packages} = readUserData(spec.userData);
  await seed(stage, 'init', INIT);
  await seed(stage, 'id', `${spec.id}\n`);
  await seed(stage, 'name', `${hostName(spec)}\n`);
  await seed(stage, 'authorized_keys', spec.authorizedKeys.map((key) => `${key.trim()}\n`).join(''));
  if (script) await seed(stage, 'script', script);
  if (hostKey) await seed(stage, 'host_key', hostKey);
  const {missing, installed} = extraPrograms(spec.userData === undefined ? undefined : (packages ?? []));
  await seed(stage, 'missing', lines(missing));
  await seed(stage, 'installed', lines(installed));
}

/** Tells the instance something at its next boot. */
export async function seed(stage: string, name: string, content: string): Promise<void> {
  await writeFile(join(stage, 'seed', name), content, {mode: 0o600});
}

/** The name as a host may have it (RFC 1123); without one it is called after its address, as on AWS. */
function hostName({name, address}: MachineSpec): string {
  const allowed = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 63);
  return allowed.replace(/^[-.]+|[-.]+$/g, '') || `ip-${address.replaceAll('.', '-')}`;
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}
