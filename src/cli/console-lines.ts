/** The global `console` for code that prints where it should talk. */
import {Console} from 'node:console';
import {Writable} from 'node:stream';

/** A console that calls `listen` with each line. */
export function consoleTo(listen: (line: string) => void): Console {
  const stream = new Writable({
    write: (text, _encoding, done) => {
      for (const line of String(text).replace(/\n$/, '').split('\n')) listen(line);
      done();
    },
  });
  return new Console(stream);
}
