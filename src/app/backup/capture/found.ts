/** What the parts of a backup tell each other of a component: what is there of it, and what was captured. */
import type {Captured} from '../../snapshot/metadata.ts';

/** Before anything is written. */
export interface Found {
  /** Undefined: there is nothing of it, as `missing` says. */
  readonly bytes?: number;
  /** What is not there, each in a few words. */
  readonly missing: readonly string[];
  /** Where it comes from, for people. */
  readonly from: string;
}

/** Of a single file that was copied. Texts are one character a byte. */
export interface Original {
  readonly mode: string;
  readonly owner: string;
  readonly uid: number;
  readonly group: string;
  readonly gid: number;
  readonly source?: string;
}

/** What became of a component. */
export interface Capture {
  readonly captured: Captured;
  /** The originals of single files, by their path in the snapshot. */
  readonly originals?: ReadonlyMap<string, Original>;
}

/** Shell: prints `captured <files> <bytes>` of what is below `$1`; fails when that was not counted to its end. */
export const TELL_CAPTURED = `
tell_captured() {
  { find "$1" -type f -printf '%s\\n' && echo end; } | awk '
    $1 == "end" {ended = 1; next}
    {files++; bytes += $1}
    END {if (!ended) exit 1; printf "captured %d %.0f\\n", files, bytes}'
}`;

/** Reads the line of `tell_captured`. */
export function capturedIn(stdout: string, moment: Date): Captured {
  const [, files = '0', bytes = '0'] = stdout.match(/^captured (\d+) (\d+)$/m) ?? [];
  return {captured: true, files: Number(files), bytes: Number(bytes), moment: moment.toISOString()};
}
