/** Closing a snapshot: its list, its manifest, a last look, all of it on the disk, and only then its name. */
import {createHash} from 'node:crypto';
import {pipeline} from 'node:stream/promises';
import {FtaskError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import type {Tree} from '../../application.ts';
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
 * of age in any of it. @throws FtaskError `AgeKey`, CommandFailed
 */
export async function seal(site: Site, {metadata, trees, originals, checksums}: SealRequest): Promise<void> {
  const {host} = site;
  await host.run(inPartial(site, `cat >${METADATA}`, {stdin: metadata, shownAs: `write ${METADATA}`}));
  if (checksums) await hashFiles(site);
  const links = await linksOf(site);
  const receiver = await host.stream(
    inPartial(site, checksums ? RECEIVE : RECEIVE_CONTENTS, {shownAs: `write ${CONTENTS}`}),
  );
  receiver.stdout.resume();
  receiver.stderr.resume();
  await pipeline(linesOf(recordsOf(site, trees), {links, originals}, checksums), receiver.stdin).catch(first);
  await receiver.result;
  await checkNoAgeKey(site);
  await host.run(
    inPartial(site, `${sh`root=${site.root} name=${site.name}`.text}${KEEP}`, {shownAs: `sync ${site.name}`}),
  );
}

/** When both of its ends fail, as they do when they are interrupted, a pipeline throws both. */
function first(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error;
}

/** Lines of both files come mixed; `c ` marks those of the one, `m ` those of the other. */
const RECEIVE = `
sed -n -e 's/^c //w ${CONTENTS}' -e 's/^m //p' | sort -t ' ' -k 3 >${MANIFEST}
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
