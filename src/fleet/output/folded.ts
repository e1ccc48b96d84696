/** Hosts that said the same are one block. */
import {createHash} from 'node:crypto';
import {foldHosts} from '../../host/selection/fold.ts';
import {visibleText} from '../../runner/display/visible-text.ts';
import type {Outlet} from '../../runner/outlet.ts';
import {type EndedHost, endingWords, type HostOutput, type Outlets} from './host-output.ts';
import {Kept} from './kept.ts';

interface Block {
  readonly stdout: string;
  readonly stderr: string;
  readonly ending: string;
  readonly hosts: string[];
}

/**
 * Shows nothing before all hosts have ended; then a block for each different output, the most common first, under
 * the folded names of its hosts, in the order of `hosts`.
 */
export function folded(outlets: Outlets, hosts: readonly string[]): HostOutput {
  const kept = new Kept();
  const blocks = new Map<string, Block>();
  return {
    take: async (host, from, bytes) => kept.add(host, from, bytes),
    end: async (ended) => {
      const said = {...kept.take(ended.host), ending: endingOf(ended)};
      const key = createHash('sha256').update(JSON.stringify(said)).digest('base64');
      const block = blocks.get(key) ?? {...said, hosts: []};
      blocks.set(key, block);
      block.hosts.push(ended.host);
    },
    finish: async () => {
      // Not in the order in which they ended: the same outputs are shown the same way each time.
      const places = new Map(hosts.map((host, place) => [host, place]));
      const placeOf = (host = '') => places.get(host) ?? hosts.length;
      const sorted = [...blocks.values()].map((block) => ({
        ...block,
        hosts: block.hosts.toSorted((a, b) => placeOf(a) - placeOf(b)),
      }));
      sorted.sort((a, b) => b.hosts.length - a.hosts.length || placeOf(a.hosts[0]) - placeOf(b.hosts[0]));
      for (const [index, block] of sorted.entries()) await show(block, outlets, index > 0);
    },
  };
}

/** Errors name the host and are told behind all blocks. */
function endingOf(ended: EndedHost): string {
  return ended.error === undefined ? endingWords(ended) : 'failed';
}

async function show(
  {stdout, stderr, ending, hosts}: Block,
  {out, err}: Outlets,
  isNext: boolean,
): Promise<void> {
  const says = stdout + stderr === '' && ending === '' ? 'no output' : ending;
  const header = `${isNext ? '\n' : ''}${foldHosts(hosts)} (${hosts.length})${says && `: ${says}`}\n`;
  const isError = stdout === '' && stderr !== '';
  await (isError ? err : out).write(header);
  if (stdout !== '') await out.write(body(stdout, out));
  if (stderr !== '') await err.write(body(stderr, err));
}

function body(text: string, outlet: Outlet): string {
  const lines = text.replace(/\r?\n$/, '').split('\n');
  return lines.map((line) => `  ${outlet.isTerminal ? visibleLine(line) : line}\n`).join('');
}

/** Spaces in front stay: they are a part of a table or of a program. */
function visibleLine(line: string): string {
  const text = visibleText(line);
  return `${/^[ \t]*/.exec(line)?.[0] ?? ''}${text}`;
}
