/** Whether a dump can be loaded into a database of another name. */
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import type {DatabaseStep} from '../plan/steps.ts';
import {asVerdict} from './bad-snapshot.ts';
import type {Snapshot} from './integrity.ts';
import type {Looking} from './source.ts';

/** @throws BadSnapshot when it is not whole, or would connect to another database by itself */
export async function checkDump(
  {host, signal}: Looking,
  {folder, source}: Snapshot,
  {dump, format, component}: DatabaseStep,
): Promise<void> {
  const script = `${sh`dump=${`${folder}/${dump}`}`.text}${format === 'plain' ? CHECK_PLAIN : CHECK_CUSTOM}`;
  const shownAs = `check the dump of the database ${component.database}`;
  await asVerdict(source.shown, `the dump of ${component.database} cannot be loaded`, () =>
    host.run(looking(script, {signal, shownAs})),
  );
}

/** pg_dump --create writes such lines. Data never has them: COPY writes a backslash as two. */
const CHECK_PLAIN = `
tail -c 512 "$dump" | grep -qx -e '-- PostgreSQL database dump complete' || { echo 'it is not whole' >&2; exit 1; }
! grep -m 1 -aE '^\\\\(c|connect)([[:space:]]|$)' "$dump" >&2`;
/** Its list is at its beginning; that the rest is there, only reading it tells. */
const CHECK_CUSTOM = '\npg_restore --list "$dump" >/dev/null && pg_restore --file=/dev/null "$dump"';
