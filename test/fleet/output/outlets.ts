/** Outlets that remember, for tests of what is shown. */
import type {Outlet} from '../../../src/runner/outlet.ts';

export interface Remembering extends Outlet {
  readonly bytes: () => Buffer;
  readonly text: () => string;
}

/** An outlet that keeps all that is written. */
export function outlet(isTerminal = false): Remembering {
  const written: Buffer[] = [];
  return {
    isTerminal,
    columns: 80,
    isClosed: false,
    write: async (data) => void written.push(Buffer.from(data)),
    bytes: () => Buffer.concat(written),
    text: () => Buffer.concat(written).toString(),
  };
}
