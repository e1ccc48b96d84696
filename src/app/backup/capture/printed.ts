/** Keeping what a program prints in a snapshot: the journal of a unit, or the output of a piece of shell. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {JournalOf, Output} from '../../application.ts';
import {asUser} from '../../postgres/access.ts';
import {inPartial, looking, type Site} from '../site.ts';
import {type Capture, capturedIn, type Found, TELL_CAPTURED} from './found.ts';

/** Whether there is a journal; its size is not known before it is read. */
export async function findJournal(host: Host, {unit}: JournalOf): Promise<Found> {
  const {code} = await host.run(
    looking('command -v journalctl >/dev/null', {accept: [0, 1, 127], shownAs: 'look for journalctl'}),
  );
  const from = `journal of ${unit}`;
  return code === 0 ? {bytes: 0, missing: [], from} : {missing: ['there is no journalctl'], from};
}

/** Keeps the journal in its export format. @throws CommandFailed, as when there is none of this unit */
export async function captureJournal(site: Site, {unit, into}: JournalOf): Promise<Capture> {
  const command = sh`journalctl --quiet --no-pager --output=export --unit ${unit}`.text;
  const none = sh`printf 'the journal has nothing of %s\\n' ${unit}`.text;
  const check = `[ -s "$into" ] || { rm "$into"; ${none} >&2; exit 1; }`;
  return captureOutput(site, into, {command, check, shownAs: `journal of ${unit}`});
}

/** A piece of shell is not run before it has to be. */
export function findPrinted({command}: Output): Found {
  return {bytes: 0, missing: [], from: command};
}

/** Runs the piece of shell from / and keeps what it prints. @throws CommandFailed */
export async function capturePrinted(site: Site, {command, user = 'root', into}: Output): Promise<Capture> {
  const asItsUser = `${asUser(user)}${sh`sh -c ${command}`.text}`;
  return captureOutput(site, into, {command: asItsUser, check: ':', shownAs: command});
}

interface Printing {
  readonly command: string;
  /** Shell that ends the script when the file `$into` is not what it should be. */
  readonly check: string;
  readonly shownAs: string;
}

async function captureOutput(
  site: Site,
  into: string,
  {command, check, shownAs}: Printing,
): Promise<Capture> {
  const moment = new Date();
  const script = `${sh`into=${into}`.text}${TELL_CAPTURED}
mkdir -p "$(dirname "$into")" || exit 1
(cd / && ${command}) >"$into" || { code=$?; rm -f "$into"; exit "$code"; }
${check}
tell_captured "$into"`;
  const {stdout} = await site.host.run(inPartial(site, script, {shownAs}));
  return {captured: capturedIn(stdout, moment)};
}
