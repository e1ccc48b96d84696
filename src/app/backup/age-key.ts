/** The key that the application's secrets are encrypted to: it is never in a snapshot, whatever is configured. */
import {FtaskError} from '../../errors.ts';
import type {Host} from '../../host/host.ts';
import {CONTENTS} from '../snapshot/contents.ts';
import {MANIFEST} from '../snapshot/manifest.ts';
import {inPartial, type Site} from './site.ts';

/** Where sops looks for it, below a home. */
export const AGE_KEY_PATH = '.config/sops/age/keys.txt';

/** How secret keys begin, as an extended regular expression: https://age-encryption.org/v1. Letters may be small, too. */
export const AGE_SECRET_KEY = 'AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{8}';

const MOST_TOLD = 5;
const PARTS = AGE_KEY_PATH.split('/');

/** Patterns of rsync for the key's place in a folder, which may itself be on the way there. */
export function ageKeyPatterns(folder: string): readonly string[] {
  const ways = PARTS.slice(1).map((_, index) => index + 1);
  const at = ways.find((length) => `${folder}/`.endsWith(`/${PARTS.slice(0, length).join('/')}/`));
  return at === undefined ? [AGE_KEY_PATH] : [AGE_KEY_PATH, `/${PARTS.slice(at).join('/')}`];
}

/**
 * Looks through a snapshot before it gets its name: for a file at the key's place, and for anything that looks like one,
 * be it content, a name, or metadata. @throws FtaskError `AgeKey`, which names the files
 */
export async function checkNoAgeKey(site: Site): Promise<void> {
  const {stdout} = await site.host.run(inPartial(site, LOOK, {shownAs: 'look for secret keys of age'}));
  const files = stdout.split('\n').filter((line) => line !== '');
  if (files.length > 0) throw ageKeyIn(site.host, [...new Set(files)]);
}

/** Files by their paths in the snapshot, each with `./` before it. */
export function ageKeyIn(host: Host, files: readonly string[]): FtaskError {
  // Names are in these lists; one that is a key is not told.
  const others = files.filter((file) => !LISTS.includes(file));
  const where = others.length > 0 ? others.slice(0, MOST_TOLD).join(', ') : 'the name of a file';
  const text = where.replaceAll(/(AGE-SECRET-KEY-)\w[\w-]+/gi, '$1...').replaceAll(/\p{Cc}/gu, '?');
  return new FtaskError('AgeKey', `${host.name}: a secret key of age must not be in a backup: ${text}`, {
    hint: 'leave it out with an exclude of that component; nothing of this backup was kept',
  });
}

const LISTS = [`./${CONTENTS}`, `./${MANIFEST}`];

/** grep ends with 1 when it finds none. */
const LOOK = `
find . -path '*/${AGE_KEY_PATH}' -print
grep -rilE -e '${AGE_SECRET_KEY}' .
[ $? -le 1 ]`;
