/** Whom the host knows of those whose files are in a snapshot. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import type {Entry} from '../../snapshot/contents.ts';
import {bytesOf, textOf} from '../../snapshot/path-text.ts';
import type {Ids} from '../plan/attributes.ts';
import type {Looking} from './source.ts';

/** Their ids on the host, by name, one character a byte. @throws CommandFailed */
export async function idsOf({host, signal}: Looking, entries: readonly Entry[]): Promise<Ids> {
  const names = (of: 'owner' | 'group') => [...new Set(entries.flatMap((entry) => textOf(entry[of]) ?? []))];
  const script = `${sh`users=${names('owner').join('\n')} groups=${names('group').join('\n')}`.text}${IDS}`;
  const {stdout} = await host.run(looking(script, {signal, shownAs: 'look for users and groups'}));
  const found = (kind: string) =>
    new Map(
      [...stdout.matchAll(/^(user|group) (\d+) (.+)$/gm)]
        .filter(([, which]) => which === kind)
        .map(([, , id, name = '']) => [bytesOf(name), Number(id)]),
    );
  return {users: found('user'), groups: found('group')};
}

/** Numbers are no names, though getent takes them for such. */
const IDS = `
look() {
  printf '%s\\n' "$2" | while read -r name; do
    case $name in "" | *[!0-9]*) ;; *) continue ;; esac
    id=$(getent "$3" "$name" | cut -d : -f 3)
    [ -z "$id" ] || echo "$1 $id $name"
  done
}
look user "$users" passwd
look group "$groups" group`;
