/** Single files on a host that a snapshot does not have, though the application's patterns match them: they stay. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import type {FileStep} from '../plan/steps.ts';
import type {Looking} from './source.ts';

/** Their paths, of components that the snapshot has. @throws CommandFailed */
export async function extraFiles({host, signal}: Looking, files: readonly FileStep[]): Promise<string[]> {
  const patterns = [...new Set(files.flatMap(({component}) => component.paths))];
  const targets = new Set(files.map(({target}) => target));
  const script = `${sh`set -- ${patterns}`.text}${MATCHES}`;
  const {stdout} = await host.run(looking(script, {signal, shownAs: 'look for files that stay'}));
  return stdout.split('\0').filter((path) => path !== '' && !targets.has(path));
}

const MATCHES = `
IFS=
for pattern; do
  for file in $pattern; do [ ! -f "$file" ] || printf '%s\\0' "$file"; done
done`;
