/** Which keys one host is offered, in which order. */
import type {ParsedKey} from 'ssh2';
import type {SshSettings} from '../settings.ts';
import type {KeyFile} from './key-file.ts';
import type {Hash, Keys} from './keys.ts';

export interface Identity {
  readonly publicKey: ParsedKey;
  readonly from: 'agent' | 'file';
  /** For errors: the path of the file, or the comment of the agent's key. */
  readonly label: string;
  /** May ask for a passphrase. @throws AuthenticationFailed */
  sign(data: Buffer, hash: Hash | undefined): Promise<Buffer>;
}

/**
 * As ssh(1) orders them: the agent's keys that an IdentityFile names, the agent's other keys unless
 * IdentitiesOnly, then key files that the agent does not hold.
 */
export async function identitiesFor(settings: SshSettings, keys: Keys): Promise<readonly Identity[]> {
  if (!settings.pubkeyAuthentication) return [];
  const {identityAgent, identityFiles, identitiesOnly} = settings;
  const [agent, ...read] = await Promise.all([
    identityAgent === undefined ? undefined : keys.agent(identityAgent),
    ...identityFiles.map((path) => keys.file(path)),
  ]);
  const files = await withPublicKeys(read.filter((file) => file !== undefined));
  const held = (agent?.keys ?? []).map((publicKey): Identity => {
    const label = publicKey.comment || 'a key without a comment';
    return {
      publicKey,
      from: 'agent',
      label,
      sign: (data, hash) => signed(agent?.sign(publicKey, data, hash)),
    };
  });
  const named = files.flatMap(({publicKey}) => held.filter((identity) => isSame(identity, publicKey)));
  const others = identitiesOnly ? [] : held.filter((identity) => !named.includes(identity));
  const rest = files
    .filter(({file, publicKey}) => !file.isPublicOnly && !held.some((one) => isSame(one, publicKey)))
    .map(({file, publicKey}): Identity => {
      const sign = async (data: Buffer, hash: Hash | undefined) =>
        signed((await file.unlock()).sign(data, hash));
      return {publicKey, from: 'file', label: file.path, sign};
    });
  return [...new Set([...named, ...others]), ...rest];
}

/** An old encrypted PEM without a .pub beside it says nothing before it is unlocked. */
async function withPublicKeys(
  files: readonly KeyFile[],
): Promise<readonly {readonly file: KeyFile; readonly publicKey: ParsedKey}[]> {
  const known = [];
  for (const file of files) known.push({file, publicKey: file.publicKey ?? (await file.unlock())});
  return known;
}

function isSame(identity: Identity, publicKey: ParsedKey): boolean {
  return identity.publicKey.getPublicSSH().equals(publicKey.getPublicSSH());
}

async function signed(signature: Promise<Buffer> | Buffer | Error | undefined): Promise<Buffer> {
  const made = await signature;
  if (made instanceof Buffer) return made;
  throw made ?? new Error('nothing was signed');
}
