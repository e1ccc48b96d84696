/** The key that the application's secrets are encrypted to: it is never in a snapshot, whatever is configured. */
import {FtaskError} from '../../errors.ts';
import {inPartial, type Site} from './site.ts';

/** Where sops looks for it, below a home. */
export const AGE_KEY_PATH = '.config/sops/age/keys.txt';

const MOST_TOLD = 5;

/**
 * Looks through a snapshot before it is sealed: for a file at the key's place, and for anything that looks like one.
 * @throws FtaskError `AgeKey`, which names the files
 */
export async function checkNoAgeKey(site: Site): Promise<void> {
  const {stdout} = await site.host.run(inPartial(site, LOOK, {shownAs: 'look for secret keys of age'}));
  const files = stdout.split('\n').filter((line) => line !== '');
  if (files.length === 0) return;
  const names = [...new Set(files)].slice(0, MOST_TOLD).join(', ');
  throw new FtaskError('AgeKey', `${site.host.name}: a secret key of age must not be in a backup: ${names}`, {
    hint: 'leave it out with an exclude of that component; nothing of this backup was kept',
  });
}

/** How keys begin: https://age-encryption.org/v1. grep ends with 1 when it finds none. */
const LOOK = `
find . -path '*/${AGE_KEY_PATH}' -print
grep -rlE -e 'AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{8}' .
[ $? -le 1 ]`;
