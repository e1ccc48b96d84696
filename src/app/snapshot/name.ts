/** Names of snapshots: `<prefix>-<YYYYmmddTHHMMSSZ>`, and what is beside them while they are made. */

const NAME = /^(?<prefix>.+)-(?<timestamp>\d{8}T\d{6}Z)$/;
const PREFIX = /^[A-Za-z0-9][\w.-]*$/;

/** What the names of snapshots begin with that are made before a restore: `latest` never means one of them. */
export const SAFETY_PREFIX = 'pre-restore';

/** Whether names may begin so: letters, digits, dots, dashes and underscores, of which the first is no mark. */
export function isPrefix(text: string): boolean {
  return text.length <= 100 && PREFIX.test(text);
}

/** The moment in UTC, in ISO 8601's basic form, to the second: `20261121T190256Z`. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** Milliseconds since the epoch; undefined when it is no moment. */
export function momentOf(timestamp: string): number | undefined {
  const match = timestamp.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/);
  if (!match) return undefined;
  const [, year, month, day, hours, minutes, seconds] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(ms) || timestampOf(ms) !== timestamp ? undefined : ms;
}

/** The name of a snapshot that is begun at this moment. */
export function snapshotName(prefix: string, ms: number): string {
  return `${prefix}-${timestampOf(ms)}`;
}

/** The parts of a name; undefined when it is none. */
export function parseSnapshotName(name: string): {prefix: string; timestamp: string} | undefined {
  const {prefix = '', timestamp = ''} = name.match(NAME)?.groups ?? {};
  return isPrefix(prefix) && momentOf(timestamp) !== undefined ? {prefix, timestamp} : undefined;
}

/** What has this name is not complete: it belongs to the run that holds the lock, or to one that died. */
export function partialName(name: string): string {
  return `.${name}.partial`;
}
