/** Copying single files into a snapshot. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {Files} from '../../application.ts';
import {NO_TRAPS} from '../../links.ts';
import {AGE_KEY_PATH, ageKeyIn} from '../age-key.ts';
import {inPartial, looking, type Site} from '../site.ts';
import {type Capture, capturedIn, type Found, type Original, TELL_CAPTURED} from './found.ts';

/** Which of the paths and patterns match files, and their bytes. */
export async function findFiles(host: Host, {paths}: Files): Promise<Found> {
  const {stdout} = await host.run(
    looking(`${sh`set -- ${paths}`.text}${SIZES}`, {shownAs: `look for ${paths.join(' ')}`}),
  );
  const sizes = stdout.trim().split('\n').map(Number);
  const missing = paths.filter((_, index) => sizes[index] === -1).map((path) => `there is no file ${path}`);
  const from = paths.join(' ');
  if (missing.length === paths.length) return {missing, from};
  return {bytes: sizes.reduce((sum, size) => sum + Math.max(0, size), 0), missing, from};
}

/** No splitting at blanks, only patterns are expanded. Without any file a pattern is -1. */
const SIZES = `
IFS=
for pattern; do
  sum=-1
  for file in $pattern; do
    [ -f "$file" ] || continue
    [ "$sum" -ge 0 ] || sum=0
    sum=$((sum + $(stat -Lc %s -- "$file")))
  done
  echo "$sum"
done`;

/** Copies what the paths and patterns match now; a link is followed. @throws CommandFailed when two have one name */
export async function captureFiles(site: Site, {name, paths, into, as, required}: Files): Promise<Capture> {
  const moment = new Date();
  const words = sh`into=${into} as=${as ?? ''} required=${required ? 'yes' : ''}; set -- ${paths}`.text;
  const {stdout} = await site.host.run(
    inPartial(site, `${words}${NO_TRAPS}${TELL_CAPTURED}${COPY}`, {shownAs: `copy ${paths.join(' ')}`}),
  );
  const originals = originalsIn(stdout);
  const keys = [...originals].filter(([, {source}]) => `${source}`.endsWith(`/${AGE_KEY_PATH}`));
  if (keys.length > 0)
    throw ageKeyIn(
      site.host,
      keys.map(([copy]) => `./${copy}`),
    );
  if (originals.size > 0) return {captured: capturedIn(stdout, moment), originals};
  site.warn(`${name}: nothing is captured: ${paths.join(' ')} is gone by now`);
  return {captured: {captured: false}};
}

/** Paths are told in hexadecimal digits: they may be no text, and have line ends. */
const COPY = `
IFS=
digits() { printf %s "$1" | od -An -v -tx1 | tr -d ' \\n'; }
mkdir -p "$into" || exit 1
for pattern; do
  found=
  for file in $pattern; do
    [ -f "$file" ] || continue
    found=yes
    follow_no_trap "$file"
    copy=$into/\${as:-\${file##*/}}
    [ ! -e "$copy" ] || { echo "two files would be $copy: $file is the second" >&2; exit 1; }
    cp --no-preserve=mode --preserve=timestamps -- "$file" "$copy" || exit 1
    stat -L --printf 'original\\t%04a\\t%u\\t%g\\t%U\\t%G\\t' -- "$file" || exit 1
    printf '%s\\t%s\\n' "$(digits "$copy")" "$(digits "$file")"
  done
  [ "$found" ] || [ -z "$required" ] || { echo "there is no file $pattern any more" >&2; exit 1; }
done
tell_captured "$into"`;

function originalsIn(stdout: string): Map<string, Original> {
  const lines = stdout.split('\n').filter((line) => line.startsWith('original\t'));
  return new Map(
    lines.map((line) => {
      const [, mode = '', uid, gid, owner = '', group = '', copy = '', source = ''] = line.split('\t');
      return [
        bytesIn(copy),
        {mode, uid: Number(uid), gid: Number(gid), owner, group, source: bytesIn(source)},
      ];
    }),
  );
}

function bytesIn(digits: string): string {
  return Buffer.from(digits, 'hex').toString('latin1');
}
