/** What rsync tells at its end with `--stats`. */
import type {RsyncStats} from '../channel.ts';

const LABELS: Readonly<Record<keyof RsyncStats, string>> = {
  files: 'Number of files',
  totalBytes: 'Total file size',
  transferredFiles: 'Number of regular files transferred',
  transferredBytes: 'Total transferred file size',
  deletedFiles: 'Number of deleted files',
  literalBytes: 'Literal data',
  sentBytes: 'Total bytes sent',
  receivedBytes: 'Total bytes received',
};

/** Absent where the other side is older than that line. */
const MAY_LACK: readonly string[] = ['deletedFiles'];

/** Whether a line is one of the statistics. */
export function isStatsLine(line: string): boolean {
  return /^(Number of |Total |Literal data: |Matched data: |File list |sent .* bytes {2}received |total size is )/.test(
    line,
  );
}

/** Undefined when they are not all there: rsync did not come to its end. Pure. */
export function parseStats(lines: readonly string[]): RsyncStats | undefined {
  const entries = Object.entries(LABELS).map(([name, label]) => {
    const value = numberOf(lines.find((line) => line.startsWith(`${label}: `))?.slice(label.length + 2));
    return [name, value ?? (MAY_LACK.includes(name) ? 0 : undefined)] as const;
  });
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(entries) as unknown as RsyncStats;
}

/** `1,234 (reg: 1,000, dir: 234)`, `1.234 bytes`: whole numbers, whatever the language puts between three digits. */
function numberOf(text: string | undefined): number | undefined {
  const [digits] =
    /^\d{1,3}([,.' \u00a0\u202f]?\d{3})*(?= \(| bytes|$)|^\d+(?= \(| bytes|$)/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(/\D/g, ''));
}
