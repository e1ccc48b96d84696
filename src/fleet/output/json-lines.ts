/** One line of JSON a host, as soon as it has ended. */
import {endingWords, type HostOutput, type Outlets} from './host-output.ts';
import {Kept} from './kept.ts';

/** Writes `{host, code, signal, seconds, error, stdout, stderr}` of each host on `out`. */
export function jsonLines({out}: Outlets): HostOutput {
  const kept = new Kept();
  return {
    take: async (host, from, bytes) => kept.add(host, from, bytes),
    end: async (ended) => {
      const {host, code, signal, seconds} = ended;
      const error = endingWords(ended) || null;
      await out.write(`${JSON.stringify({host, code, signal, seconds, error, ...kept.take(host)})}\n`);
    },
    finish: async () => {},
  };
}
