/** Copying single files into a snapshot. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {Files} from '../../application.ts';
import {bytesOf} from '../../snapshot/path-text.ts';
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
export async function captureFiles(site: Site, {paths, into, as}: Files): Promise<Capture> {
  const moment = new Date();
  const {stdout} = await site.host.run(
    inPartial(site, `${sh`into=${into} as=${as ?? ''}; set -- ${paths}`.text}${TELL_CAPTURED}${COPY}`, {
      shownAs: `copy ${paths.join(' ')}`,
    }),
  );
  return {captured: capturedIn(stdout, moment), originals: originalsIn(stdout)};
}

const COPY = `
IFS=
mkdir -p "$into" || exit 1
for pattern; do
  for file in $pattern; do
    [ -f "$file" ] || continue
    copy=$into/\${as:-\${file##*/}}
    [ ! -e "$copy" ] || { echo "two files would be $copy: $file is the second" >&2; exit 1; }
    cp --no-preserve=mode --preserve=timestamps -- "$file" "$copy" || exit 1
    stat -L --printf 'original %04a %u %g %U %G\\0' -- "$file"
    printf '%s\\0%s\\0\\n' "$copy" "$file"
  done
done
echo
tell_captured "$into"`;

function originalsIn(stdout: string): Map<string, Original> {
  const found = stdout.matchAll(/^original (\d+) (\d+) (\d+) (\S+) (\S+)\0([^\0]+)\0([^\0]+)\0$/gm);
  return new Map(
    [...found].map(([, mode = '', uid, gid, owner = '', group = '', copy = '', source = '']) => [
      bytesOf(copy),
      {mode, uid: Number(uid), gid: Number(gid), owner, group, source: bytesOf(source)},
    ]),
  );
}
