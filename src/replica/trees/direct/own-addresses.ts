/** Which addresses another host may see when this one connects to it. */
import {FtaskError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import type {End} from '../channel.ts';

const ADDRESS = /^[\da-f.:]+$/i;

/** Its own, and the one that it is reached at, as the other host looks it up. @throws FtaskError `NoAddresses` */
export async function addressesOf({host, reach}: End, {host: other}: End): Promise<readonly string[]> {
  const [own, outer] = await Promise.all([
    host.run(sh`PATH="$PATH:/usr/sbin:/sbin"; ip -o addr 2>/dev/null || hostname -I`, {
      reads: true,
      accept: 'any',
    }),
    reach && other.run(sh`getent ahosts ${reach.address}`, {reads: true, accept: 'any'}),
  ]);
  const words = [...own.stdout.split(/[\s/]+/), ...(outer?.stdout.split(/\s+/) ?? [])];
  const addresses = [...new Set(words.filter((word) => ADDRESS.test(word) && /[.:]/.test(word)))];
  if (addresses.length > 0) return addresses;
  throw new FtaskError('NoAddresses', `${host.name} does not tell its addresses`, {
    hint: 'It needs ip or hostname -I. Without: --through-controller.',
  });
}
