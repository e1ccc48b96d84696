/** Where in the user's own files an error comes from, and the lines around it. */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

const FRAME = /\(?((?:file:\/\/)?\/[^()]+?|[A-Za-z]:\\[^()]+?):(\d+):(\d+)\)?$/;

/** The places of a stack trace, innermost first, without Node's own. */
export function stackPlaces(error: unknown): Place[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines.flatMap((line) => {
    const [, file = '', row, column] = FRAME.exec(line.trim()) ?? [];
    if (file === '') return [];
    return [{file: toPath(file), line: Number(row), column: Number(column)}];
  });
}

/** The lines around a place with a mark under it; empty when the file cannot be read. */
export function codeFrame({file, line, column}: Place): string {
  const lines = readLines(file);
  const from = Math.max(1, line - 2);
  const shown = lines.slice(from - 1, line + 2);
  const width = String(from + shown.length).length;
  const framed = shown.flatMap((text, index) => {
    const row = from + index;
    const label = `${row === line ? '>' : ' '} ${String(row).padStart(width)} | `;
    const mark = `${' '.repeat(width + 2)} | ${text.slice(0, column - 1).replaceAll(/\S/g, ' ')}^`;
    return row === line ? [label + text, mark] : [label + text];
  });
  return framed.map((text) => text.trimEnd()).join('\n');
}

function toPath(file: string): string {
  return file.startsWith('file://') ? fileURLToPath(file) : file;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
