/** An archive on a host: its digest, its members, what its lists say, and unpacking it. */
import {RefusedError} from '../../../errors.ts';
import {type Command, type CommandOptions, sh} from '../../../host/command.ts';
import {CommandFailed} from '../../../host/failures.ts';
import {inPrivate, looking} from '../../backup/site.ts';
import {wordsOf} from '../../output.ts';
import {CONTENTS} from '../../snapshot/contents.ts';
import {MANIFEST} from '../../snapshot/manifest.ts';
import {METADATA} from '../../snapshot/metadata.ts';
import {asVerdict, unlessBad} from './bad-snapshot.ts';
import {type Judgement, judgeMembers, parseMember} from './members.ts';
import {isEncrypted, type Looking, type Source} from './source.ts';

/** Whether a digest lies beside it, which it has then. @throws BadSnapshot when it has another */
export async function checkDigest({host, signal}: Looking, {path, shown}: Source): Promise<boolean> {
  const {stdout} = await host.run(
    looking(`${sh`archive=${path}`.text}${COMPARE}`, {signal, shownAs: `check the SHA-256 of ${shown}`}),
  );
  const [said = '', is = ''] = stdout.trim().split('\n');
  if (said === 'none') return false;
  unlessBad(shown, said === is && /^[\da-f]{64}$/.test(is) ? [] : ['its SHA-256 differs']);
  return true;
}

const COMPARE = `
[ -e "$archive.sha256" ] || { echo none; exit; }
head -c 64 "$archive.sha256"
echo
if command -v openssl >/dev/null; then openssl dgst -sha256 -r <"$archive"; else sha256sum <"$archive"; fi | cut -d ' ' -f 1`;

/** Lists it and judges all that is in it. @throws BadSnapshot when it may not be unpacked, or cannot be read */
export async function judgeArchive(from: Looking, archive: Source): Promise<Judgement> {
  const {shown} = archive;
  const options = {...manner(from, archive), reads: true, shownAs: `list ${shown}`};
  const command = tarCommand(archive, LIST, options);
  const judgement = await asVerdict(shown, 'it cannot be read', () =>
    decrypted(shown, async () => {
      const members = [];
      const problems = [];
      for await (const line of wordsOf(from.host, command, '\n')) {
        const member = parseMember(line);
        if (member) members.push(member);
        else problems.push(`tar lists what is not understood: ${line.replaceAll(/[^\x20-\x7e]/g, '?')}`);
      }
      const judged = judgeMembers(members);
      return {...judged, problems: [...problems, ...judged.problems]};
    }),
  );
  unlessBad(shown, judgement.problems);
  return judgement;
}

/** @throws RefusedError `NoIdentity` when the one that was given is not that of the archive; what the work throws */
async function decrypted<Value>(shown: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const said = error instanceof CommandFailed ? error.result.stderr : '';
    const [, why] = /^age: error: (.*(?:identity|"-").*)$/m.exec(said) ?? [];
    if (why === undefined) throw error;
    throw new RefusedError('NoIdentity', `${shown} cannot be decrypted: ${why}`, {
      hint: 'another identity of age: --age-identity FILE',
      cause: error,
    });
  }
}

const LIST = '--list --verbose --quoting-style=c --numeric-owner --full-time --absolute-names';

/** The lists of a snapshot as texts, one character a byte; undefined what is not there. */
export interface Texts {
  readonly metadata?: string;
  readonly contents?: string;
  readonly manifest?: string;
}

/** Reads the lists out of the folder in it, without unpacking it. @throws BadSnapshot when it cannot be read */
export async function textsIn(from: Looking, archive: Source): Promise<Texts> {
  const words = sh`--extract --wildcards --no-wildcards-match-slash --to-command=${PRINT} --ignore-command-error`;
  // tar fails when a name is not there, and that is told by what was found.
  const options = {
    ...manner(from, archive),
    reads: true,
    accept: 'any',
    shownAs: `read the lists of ${archive.shown}`,
  } as const;
  const command = tarCommand(
    archive,
    words.text,
    options,
    [METADATA, CONTENTS, MANIFEST].map((name) => `*/${name}`),
  );
  const found = new Map<string, string>();
  await asVerdict(archive.shown, 'it cannot be read', async () => {
    let name: string | undefined;
    for await (const word of wordsOf(from.host, command, '\0')) {
      if (name !== undefined) found.set(name, word);
      name = name === undefined ? word.replace(/^.*\//s, '') : undefined;
    }
  });
  return textsOf((name) => found.get(name));
}

const PRINT = `printf '%s\\0' "$TAR_FILENAME"; cat; printf '\\0'`;

/** Puts texts by the names of their files in their places. */
export function textsOf(textOf: (name: string) => string | undefined): Texts {
  const [metadata, contents, manifest] = [METADATA, CONTENTS, MANIFEST].map(textOf);
  return {
    ...(metadata !== undefined && {metadata}),
    ...(contents !== undefined && {contents}),
    ...(manifest !== undefined && {manifest}),
  };
}

/** Unpacks it into a folder, for root only; its members have been judged. @throws BadSnapshot when it cannot be read */
export async function unpack(from: Looking, archive: Source, into: string): Promise<void> {
  const words = sh`--extract --no-same-owner --no-same-permissions --directory=${into}`.text;
  const {shown} = archive;
  const options = {...manner(from, archive), shownAs: `unpack ${shown}`};
  await asVerdict(shown, 'it cannot be unpacked', () => from.host.run(tarCommand(archive, words, options)));
}

/** tar tells when what decompresses ends badly; what decrypts is made to spoil the end of its output then. */
function tarCommand(
  {path}: Source,
  words: string,
  options: CommandOptions,
  names: readonly string[] = [],
): Command {
  const program = /\.tar\.gz(\.age)?$/.test(path) ? 'gzip' : 'zstd';
  const tar = `tar --force-local --use-compress-program=${program} ${words}`;
  const rest = sh`-- ${names}`.text;
  const text = isEncrypted(path)
    ? `{ ${sh`age --decrypt --identity - -- ${path}`.text} || echo spoilt; } | ${tar} --file=- ${rest}`
    : `${tar} ${sh`--file=${path}`.text} ${rest} </dev/null`;
  return inPrivate(text, options);
}

/** @throws RefusedError `NoIdentity` when only age can read it, and nothing was given to decrypt it with */
function manner({signal, identity}: Looking, {path, shown}: Source): CommandOptions {
  if (!isEncrypted(path)) return {signal};
  if (identity) return {signal, stdin: identity};
  throw new RefusedError('NoIdentity', `${shown} is encrypted`, {
    hint: 'name the file with the identity of age: --age-identity FILE',
  });
}
