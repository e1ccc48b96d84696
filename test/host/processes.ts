/** Which processes of this machine carry a mark in their command line. */
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';

let count = 0;

/** Seconds for `sleep` that no other process sleeps. */
export function ownSeconds(): string {
  count += 1;
  return `9${process.pid}.${count}`;
}

/** Processes that sleep these seconds, and do not only speak of it; zombies are none. */
export function sleepers(seconds: string): string[] {
  return commandLines().filter((line) => line === `sleep ${seconds} `);
}

/** Waits until somebody sleeps these seconds. */
export async function untilAsleep(seconds: string): Promise<void> {
  while (sleepers(seconds).length === 0) await delay(20);
}

/** Command lines of this machine that hold `text`. */
export function processesWith(text: string): string[] {
  return commandLines().filter((line) => line.includes(text));
}

/** Shells of this machine whose script holds `text`. */
export function shellsWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => /^sh -c /.test(commandLineOf(entry)) && commandLineOf(entry).includes(text))
    .map(Number);
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(commandLineOf);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
