/** Files moved to or from every host of a run. */
import type {Host, Transfer} from '../host/host.ts';
import type {RunContext} from '../runner/task.ts';
import type {HostContext} from './host-context.ts';

/** What was moved; in a dry run, what would be: its size and checksum are then null. */
export interface TransferRow {
  readonly host: string;
  readonly path: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly seconds: number;
}

const MIB = 1024 * 1024;
/** Nobody reads faster. */
const PAUSE_MS = 200;

/**
 * Calls `move` for each host, showing how far each is.
 * @throws UsageError without hosts; SomeFailed with the rows of the others
 */
export async function transferOnHosts(
  context: Pick<RunContext, 'dryRun'> & Pick<HostContext, 'onEach'>,
  title: string,
  move: (host: Host, onProgress: (bytes: number) => void) => Promise<Transfer>,
): Promise<readonly TransferRow[]> {
  const work = async (host: Host, say: (text: string) => void): Promise<TransferRow> => {
    const moved = await move(host, sayBytes(say));
    return context.dryRun ? {...moved, bytes: null, sha256: null} : moved;
  };
  return context.onEach(work, {title});
}

function sayBytes(say: (text: string) => void): (bytes: number) => void {
  let saidAt = performance.now();
  return (bytes) => {
    const now = performance.now();
    if (now - saidAt < PAUSE_MS) return;
    saidAt = now;
    say(`${(bytes / MIB).toFixed(1)} MiB`);
  };
}
