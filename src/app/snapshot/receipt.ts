/** `<archive>.json` beside an archive that was brought here: whose it is, which an encrypted one does not tell. */

export const RECEIPT_END = '.json';

export interface Receipt {
  readonly application: string;
  /** As ftask calls it. */
  readonly host: string;
  /** The name of the snapshot. */
  readonly snapshot: string;
  /** The name of the file. */
  readonly archive: string;
  readonly sha256: string;
}

/** The text of the file. */
export function receiptText({application, host, snapshot, archive, sha256}: Receipt): string {
  return `${JSON.stringify({application, host, snapshot, archive, sha256}, null, 2)}\n`;
}

/** What a file says; undefined when it is none. */
export function parseReceipt(text: string): Receipt | undefined {
  const raw = parsed(text);
  if (typeof raw !== 'object' || raw === null) return undefined;
  const {application, host, snapshot, archive, sha256} = raw as Readonly<Record<string, unknown>>;
  const isWhole = [application, host, snapshot, archive, sha256].every((one) => typeof one === 'string');
  return isWhole ? ({application, host, snapshot, archive, sha256} as Receipt) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
