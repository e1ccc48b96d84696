/** Closing a snapshot: its list, its manifest, a last look, all of it on the disk, and only then its name. */
import {createHash} from 'node:crypto';
import {pipeline} from 'node:stream/promises';
import {FtaskError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import type {Tree} from '../../application.ts';
import {lastOf} from '../../output.ts';
import {CONTENTS, contentsLine} from '../../snapshot/contents.ts';
import {MANIFEST, manifestLine} from '../../snapshot/manifest.ts';
import {METADATA} from '../../snapshot/metadata.ts';
import {checkNoAgeKey} from '../age-key.ts';
import {inPartial, type Site} from '../site.ts';
import {hashFiles, linksOf, recordsOf} from './list.ts';
import {entriesOf, type Known} from './records.ts';

export interface SealRequest {
  /** The text of metadata.yml. */
  readonly metadata: string;
  readonly trees: readonly Pick<Tree, 'path' | 'into'>[];
  readonly originals: Known['originals'];
  readonly checksums: boolean;
}

/**
 * Writes metadata.yml, contents.jsonl and manifest.sha256, then gives the snapshot its name, unless there is a secret key
 * of age in any of it. @throws FtaskError `AgeKey`, `SealFailed`, CommandFailed
 */
export async function seal(site: Site, {metadata, trees, originals, checksums}: SealRequest): Promise<void> {
  const {host} = site;
  await host.run(inPartial(site, `cat >${METADATA}`, {stdin: metadata, shownAs: `write ${METADATA}`}));
  if (checksums) await hashFiles(site);
  const links = await linksOf(site);
  const lines = linesOf(recordsOf(site, trees), {links, originals}, checksums);
  await writeLists(site, lines, checksums ? RECEIVE : RECEIVE_CONTENTS);
  await checkNoAgeKey(site);
  await host.run(
    inPartial(site, `${sh`root=${site.root} name=${site.name}`.text}${KEEP}`, {shownAs: `sync ${site.name}`}),
  );
}

async function writeLists(site: Site, lines: AsyncIterable<Buffer>, script: string): Promise<void> {
  const receiver = await site.host.stream(inPartial(site, script, {shownAs: `write ${CONTENTS}`}));
  receiver.stdout.resume();
  const noise = lastOf(receiver.stderr);
  const failure = await pipeline(lines, receiver.stdin).then(() => undefined, first);
  if (failure instanceof FtaskError) throw failure;
  await receiver.result.catch(async (error: unknown) => {
    if (!(error instanceof FtaskError) || error.code !== 'CommandFailed') throw error;
    const why = (await noise).trim() || error.message;
    throw new FtaskError('SealFailed', `${site.host.name}: cannot list what was captured: ${why}`, {
      cause: error,
    });
  });
  if (failure) throw failure;
}

/** When both of its ends fail, as they do when they are interrupted, a pipeline throws both. */
function first(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error;
}

/** Lines of both files come mixed; `c ` marks those of the one, `m ` those of the other. Neither may lack its end. */
const RECEIVE = `
codes=$({
  { sed -n -e 's/^c //w ${CONTENTS}' -e 's/^m //p'; echo $? >&3; } |
    { sort -t ' ' -k 3 >${MANIFEST}; echo $? >&3; }
} 3>&1)
case $codes in *[1-9]*) exit 1 ;; esac
[ -s ${MANIFEST} ]`;
const RECEIVE_CONTENTS = `sed 's/^c //' >${CONTENTS}`;

/** Where the name is there already, nothing is moved into it. */
const KEEP = `
sync -f . || exit 1
[ ! -e "$root/$name" ] || { echo "$root/$name is there already" >&2; exit 1; }
mv -T -- "$PWD" "$root/$name" && sync "$root"`;

async function* linesOf(
  records: AsyncIterable<string>,
  known: Known,
  checksums: boolean,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  let lines: string[] = [];
  for await (const entry of entriesOf(records, known)) {
    const line = contentsLine(entry);
    digest.update(`${line}\n`, 'latin1');
    lines.push(`c ${line}\n`);
    const {path, type, sha256} = entry;
    if (checksums && type === 'file')
      lines.push(`m ${manifestLine({path, sha256: known256(path, sha256)})}\n`);
    if (lines.length < LINES_AT_A_TIME) continue;
    yield Buffer.from(lines.join(''), 'latin1');
    lines = [];
  }
  if (checksums) lines.push(`m ${manifestLine({path: CONTENTS, sha256: digest.digest('hex')})}\n`);
  yield Buffer.from(lines.join(''), 'latin1');
}

const LINES_AT_A_TIME = 500;

function known256(path: string, sha256: string | undefined): string {
  if (sha256 !== undefined) return sha256;
  throw new FtaskError('NoDigest', `${path} of the snapshot could not be hashed`);
}
