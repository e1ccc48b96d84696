/** Copying a folder into a snapshot with rsync. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {Tree} from '../../application.ts';
import {NO_TRAPS} from '../../links.ts';
import {ageKeyPatterns} from '../age-key.ts';
import {inPartial, looking, type Site} from '../site.ts';
import {type Capture, capturedIn, type Found, TELL_CAPTURED} from './found.ts';

/** Files that vanished while they were copied: a living folder has such. rsync(1), EXIT VALUES. */
const VANISHED = 24;
const MOST_TOLD = 3;

/** How many bytes the copy will take at most. */
export async function findTree(host: Host, {path, excludes}: Tree): Promise<Found> {
  const {stdout} = await host.run(
    looking(
      sh`path=${path}; set -- ${excludes.map((pattern) => `--exclude=${duPattern(path, pattern)}`)}`.text +
        SIZE,
      {
        shownAs: `du ${path}`,
      },
    ),
  );
  const from = path;
  if (stdout === 'missing\n') return {missing: [`there is no folder ${path}`], from};
  return {bytes: Math.max(...stdout.trim().split('\n').map(Number)), missing: [], from};
}

/** A file takes whole blocks; one with holes loses them. What vanishes meanwhile is no failure. */
const SIZE = `
[ -d "$path" ] || { echo missing; exit; }
for unit in -sB1 -sb; do du "$unit" "$@" -- "$path/" 2>/dev/null | cut -f1; done`;

/** rsync's patterns that begin with a slash begin at the top of the folder, those of du at that of the machine. */
function duPattern(path: string, pattern: string): string {
  return pattern.startsWith('/') ? `${path}${pattern}` : pattern.replace(/\/$/, '');
}

/** Copies it. Links stay links; devices, pipes and sockets are left out, and said. @throws CommandFailed */
export async function captureTree(site: Site, tree: Tree): Promise<Capture> {
  const {name, path, into, excludes} = tree;
  const moment = new Date();
  // Each folder is made with its final mode, each file as a temporary one that nobody else can read.
  const words = [
    '-rltp',
    // Else a folder that changed in the second in which it is copied gets the time of its copy.
    '--modify-window=-1',
    '--chmod=D0700,F0600',
    ...[...ageKeyPatterns(path), ...excludes].map((text) => `--exclude=${text}`),
  ];
  const script = `${sh`path=${path} into=${into}; set -- ${words}`.text}${NO_TRAPS}${TELL_CAPTURED}${COPY}`;
  const {stdout, code} = await site.host.run(
    inPartial(site, script, {accept: [0, VANISHED], shownAs: `copy ${path}`}),
  );
  if (code === VANISHED) site.warn(`${name}: some files of ${path} vanished while they were copied`);
  const special = [...stdout.matchAll(/^skipping non-regular file "(.*)"$/gm)].map(([, file]) => file);
  if (special.length > 0) site.warn(`${name}: neither file nor folder, left out: ${some(special)}`);
  const captured = capturedIn(stdout, moment);
  if (captured.captured && captured.files === 0)
    site.warn(`${name}: ${path} has no files, as if it were not mounted`);
  return {captured};
}

const COPY = `
follow_no_trap "$path"
mkdir -p "$into"
rsync "$@" -- "$path/" "$into/"
code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 24 ] || exit "$code"
tell_captured "$into"
exit "$code"`;

function some(names: readonly (string | undefined)[]): string {
  const more = names.length - MOST_TOLD;
  return `${names.slice(0, MOST_TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
