/** The folder of a snapshot on a host: what is in it, what its lists say, and whether its files are what they were. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import {wordsOf} from '../../output.ts';
import {CONTENTS} from '../../snapshot/contents.ts';
import {MANIFEST} from '../../snapshot/manifest.ts';
import {METADATA} from '../../snapshot/metadata.ts';
import {type Texts, textsOf} from './archive.ts';
import {unlessBad} from './bad-snapshot.ts';
import type {Item} from './closed-world.ts';
import type {Looking} from './source.ts';

/** All that is in it, by path. @throws CommandFailed */
export async function itemsIn({host, signal}: Looking, path: string): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  const command = looking(FIND, {cwd: path, signal, shownAs: `list ${path}`});
  let link: string | undefined;
  for await (const word of wordsOf(host, command, '\0')) {
    if (link === undefined) {
      link = word;
      continue;
    }
    const [, letter = '', bytes = '', name = ''] = word.match(/^(\S) (\d+) (.+)$/s) ?? [];
    items.set(name, {type: TYPES[letter] ?? 'other', bytes: Number(bytes), link});
    link = undefined;
  }
  return items;
}

const FIND = `find . -mindepth 1 -printf '%l\\0%y %s %P\\0'`;
const TYPES: Readonly<Record<string, Item['type']>> = {f: 'file', d: 'dir', l: 'link'};

/** Its lists. @throws CommandFailed */
export async function textsOfFolder({host, signal}: Looking, path: string): Promise<Texts> {
  const script = `${sh`set -- ${[METADATA, CONTENTS, MANIFEST]}`.text}${READ}`;
  const command = looking(script, {cwd: path, signal, shownAs: `read the lists of ${path}`});
  const words: string[] = [];
  for await (const word of wordsOf(host, command, '\0')) words.push(word);
  return textsOf((name) => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  });
}

/** A link is no list: it would be read from elsewhere. */
const READ = `
for file; do
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  printf '%s\\0' "$file"
  cat "$file"
  printf '\\0'
done`;

/** Reads all files that the manifest names, on all processors. @throws BadSnapshot when one is not what it was */
export async function checkFiles({host, signal}: Looking, path: string, shown: string): Promise<void> {
  const options = {cwd: path, signal, accept: [0, 1], shownAs: `check the files of ${shown}`};
  const {code, stdout} = await host.run(looking(CHECK, options));
  const problems = stdout.split('\n').filter((line) => line !== '');
  unlessBad(shown, code === 0 || problems.length > 0 ? problems : ['its files cannot be checked']);
}

/** split(1) starts as many filters, and deals out the lines; one that fails fails it. */
const CHECK = `split -n "r/$(nproc)" --filter 'sha256sum --check --quiet --strict 2>/dev/null' ${MANIFEST}`;
