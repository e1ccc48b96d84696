/** A database of no application's, that a dump is loaded into to see whether that can be done. */
import {randomBytes} from 'node:crypto';
import {type Command, type CommandOptions, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {Secret} from '../../secret.ts';
import {inPrivate} from '../backup/site.ts';
import type {Traits} from '../postgres/traits.ts';
import {maintenanceFor} from '../restore/check/standings.ts';
import type {DatabaseStep} from '../restore/plan/steps.ts';
import {DATABASES, databaseText} from '../restore/script/databases.ts';

export interface Scratch {
  /** One that is there already is never loaded into. */
  readonly name: string;
  readonly step: DatabaseStep;
  /** The folder of the snapshot. */
  readonly folder: string;
  readonly traits: Traits | undefined;
  /** That of the application: with a run that was killed only its own are removed. */
  readonly root: string;
}

/** A name for a scratch database, unlike any other. */
export function scratchName(): string {
  return `ftask_verify_${randomBytes(6).toString('hex')}`;
}

/** Makes it, loads the dump and counts the rows, as a restore would. Returns its bytes. @throws CommandFailed */
export async function loadScratch(host: Host, scratch: Scratch, signal: AbortSignal): Promise<number> {
  const shownAs = `load the dump of ${scratch.step.component.database} into ${scratch.name}`;
  const {stdout} = await host.run(scratchCommand(scratch, 'load_scratch', {signal, shownAs}));
  return Number(stdout.trim());
}

/** Removes it, if it is there. Neither Ctrl-C nor the end of the run stops that. @throws CommandFailed */
export async function dropScratch(host: Host, scratch: Scratch): Promise<void> {
  const shownAs = `drop the database ${scratch.name}`;
  await host.run(scratchCommand(scratch, 'drop_scratch', {undoes: true, shownAs}));
}

/** Removes those that killed runs have left on the same server; returns their names. @throws CommandFailed */
export async function dropLeftScratches(
  host: Host,
  scratch: Scratch,
  signal: AbortSignal,
): Promise<string[]> {
  const shownAs = 'look for databases that a dead run left';
  const {stdout} = await host.run(scratchCommand(scratch, 'drop_left', {signal, shownAs}));
  return stdout.split('\n').filter((name) => name !== '');
}

function scratchCommand(scratch: Scratch, verb: string, options: CommandOptions): Command {
  const {name: fresh, step, folder, traits, root} = scratch;
  const {password} = step.component;
  const own = traits && {...traits, comment: null};
  const words = {
    ...{step, folder, fresh, old: '', exists: false, traits: own, passwordAt: password ? 1 : 0},
    maintenance: maintenanceFor([step]),
  };
  const mark = `scratch of ftask app_verify for ${root}`;
  const text = [SHELL, DATABASES, sh`mark=${mark}`.text, databaseText(0, words), `database_0 ${verb}`].join(
    '\n',
  );
  const line = Buffer.from(password?.reveal() ?? '').toString('base64');
  return inPrivate(text, {stdin: new Secret(`${line || '-'}\n`), ...options});
}

/** The comment of a database tells whose it is. */
const SHELL = `
cd /
read -r passwords
phase() { :; }
load_scratch() {
  creation="$creation
COMMENT ON DATABASE :\\"fresh\\" IS \\$mark\\$$mark\\$mark\\$;"
  load && sql "SELECT pg_database_size(:'fresh')"
}
drop_scratch() { drop "$fresh"; }
drop_left() {
  for left in $(sql "$LEFT" -v "mark=$mark"); do drop "$left" && echo "$left" || return; done
}
LEFT="SELECT datname FROM pg_database WHERE datname ~ '^ftask_verify_[0-9a-f]*$' AND shobj_description(oid, 'pg_database') = :'mark'"`;
