/** The output that fits: what the operator chose, else what suits the number of hosts and who reads. */
import {filesIn} from './files.ts';
import {folded} from './folded.ts';
import {allOf, type HostOutput, type Outlets, without} from './host-output.ts';
import {jsonLines} from './json-lines.ts';
import {latestLine} from './latest-line.ts';
import {passedThrough} from './passed-through.ts';
import {prefixed} from './prefixed.ts';

/** How the operator wants to see what hosts say. */
export interface OutputWish {
  readonly mode?: 'stream' | 'fold' | 'json';
  /** A folder for what each host says, by its full path. */
  readonly folder?: string;
  readonly hide?: 'out' | 'err' | 'both';
  /** One JSON document is all that stdout gets. */
  readonly isJson: boolean;
}

/** @throws FtaskError when the folder cannot be made */
export async function chooseOutput(
  {hostOutput, ...outlets}: Outlets & {readonly hostOutput: OutputWish},
  hosts: readonly string[],
  onLine: (host: string, line: string) => void,
): Promise<HostOutput> {
  const {hide, folder} = hostOutput;
  const shown = allOf(shownOutputs(outlets, hostOutput, hosts, onLine));
  const visible = hide ? without(hide, shown) : shown;
  return folder === undefined ? visible : allOf([visible, await filesIn(folder)]);
}

function shownOutputs(
  outlets: Outlets,
  {mode, isJson}: OutputWish,
  hosts: readonly string[],
  onLine: (host: string, line: string) => void,
): HostOutput[] {
  const {out, err} = outlets;
  // Lines that come and go are for a terminal; elsewhere each would be one more line of talk.
  const latest = err.isTerminal ? [latestLine(onLine)] : [];
  if (isJson) return latest;
  if (mode === undefined && hosts.length === 1) return [passedThrough(outlets)];
  const suited = out.isTerminal ? 'fold' : 'stream';
  switch (mode ?? suited) {
    case 'json':
      return [jsonLines(outlets), ...latest];
    case 'fold':
      return [folded(outlets, hosts), ...latest];
    case 'stream':
      return [prefixed(outlets, hosts)];
  }
}
