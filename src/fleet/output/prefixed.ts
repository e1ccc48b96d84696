/** Every line at once, behind the name of its host. */
import type {OutputName} from '../../host/host.ts';
import {visibleText} from '../../runner/display/visible-text.ts';
import type {Outlet} from '../../runner/outlet.ts';
import type {HostOutput, Outlets} from './host-output.ts';
import {LineCutter} from './line-cutter.ts';

/** A longer name moves its own lines only. */
const MAX_WIDTH = 30;

/**
 * Shows lines as they come: stdout's on `out`, stderr's on `err`, never a part of one inside another. A pipe gets the
 * bytes as they are, a terminal what is harmless of them.
 */
export function prefixed({out, err}: Outlets, hosts: readonly string[]): HostOutput {
  const width = Math.min(MAX_WIDTH, Math.max(0, ...hosts.map(({length}) => length)));
  const streams = new Map<string, {cutter: LineCutter; show: (lines: Buffer) => Promise<void>}>();
  const streamOf = (host: string, from: OutputName) => {
    const key = `${from} ${host}`;
    const known = streams.get(key);
    if (known) return known;
    const outlet = from === 'stdout' ? out : err;
    const prefix = `${host}: `.padEnd(width + 2);
    const lines = outlet.isTerminal ? readable(prefix) : bytewise(prefix);
    const made = {cutter: new LineCutter(), show: (text: Buffer) => outlet.write(lines(text))};
    streams.set(key, made);
    return made;
  };
  return {
    take: async (host, from, bytes) => {
      const {cutter, show} = streamOf(host, from);
      const lines = cutter.add(bytes);
      if (lines) await show(lines);
    },
    end: async ({host}) => {
      for (const from of ['stdout', 'stderr'] as const) {
        const {cutter, show} = streamOf(host, from);
        const line = cutter.rest();
        if (line) await show(line);
        streams.delete(`${from} ${host}`);
      }
    },
    finish: async () => {},
  };
}

type Prefixer = (lines: Buffer) => Parameters<Outlet['write']>[0];

/** Latin 1 has a character for each byte, so nothing is lost on the way. */
function bytewise(prefix: string): Prefixer {
  const before = Buffer.from(prefix).toString('latin1');
  return (lines) => {
    const text = lines.toString('latin1').replaceAll('\n', `\n${before}`);
    return Buffer.from(`${before}${text}\n`, 'latin1');
  };
}

const PLAIN = /^[\n\t\x20-\x7e\xa0-\u05ff]*$/;

function readable(prefix: string): Prefixer {
  return (lines) => {
    const text = lines.toString();
    if (PLAIN.test(text)) return `${prefix}${text.replaceAll('\n', `\n${prefix}`)}\n`;
    return text
      .split('\n')
      .map((line) => `${prefix}${visibleText(line)}\n`)
      .join('');
  };
}
