/** Keys as hosts present them. */
import {readFile} from 'node:fs/promises';
import {makeKey} from '../sshd.ts';

export interface TestKey {
  /** The private key; `.pub` is beside it. */
  readonly file: string;
  /** `ssh-ed25519 AAAA...`. */
  readonly text: string;
  /** As it goes over the wire. */
  readonly key: Buffer;
}

/** Two keys of one type and one of another. */
export function makeHostKeys(folder: string): Promise<TestKey[]> {
  return Promise.all(
    ['ed25519', 'ed25519', 'ecdsa'].map(async (type, index) => {
      const file = await makeKey(folder, `key${index}`, type);
      const [name, encoded = ''] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
      return {file, text: `${name} ${encoded}`, key: Buffer.from(encoded, 'base64')};
    }),
  );
}
