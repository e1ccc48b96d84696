/** The output of a single host, byte for byte, as if the command ran here. */
import type {HostOutput, Outlets} from './host-output.ts';

/** Passes everything on as it comes. */
export function passedThrough({out, err}: Outlets): HostOutput {
  return {
    take: (_host, from, bytes) => (from === 'stdout' ? out : err).write(bytes),
    end: async () => {},
    finish: async () => {},
  };
}
