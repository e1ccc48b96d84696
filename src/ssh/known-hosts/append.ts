/** Adding a line to a known_hosts file. */
import {mkdir, open} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {KnownKey} from './line.ts';

/** One append at a time; the next one waits for it. */
let last: Promise<unknown> = Promise.resolve();

/** Appends one line in one write; makes the folder (0700) and the file (0600) when they are missing. */
export function appendKnownKey(file: string, {names, keyType, key}: KnownKey): Promise<void> {
  const line = `${names} ${keyType} ${key.toString('base64')}\n`;
  const appended = last.then(() => append(file, line));
  last = appended.catch(() => {});
  return appended;
}

async function append(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), {recursive: true, mode: 0o700});
  const handle = await open(file, 'a+', 0o600);
  try {
    const {size} = await handle.stat();
    const end = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    // A last line without an end would swallow this one.
    await handle.write(end === '\n' ? line : `\n${line}`);
  } finally {
    await handle.close();
  }
}
