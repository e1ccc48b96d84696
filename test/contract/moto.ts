/** moto's EC2 server, an independent second opinion, started for a suite. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {binOf} from '../venv.ts';

export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port of loopback, with an empty account. */
export async function startMoto(): Promise<Moto> {
  const server = spawn(join(binOf('moto'), 'python'), ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: {...process.env, MOTO_EC2_LOAD_DEFAULT_AMIS: 'false', PYTHONUNBUFFERED: '1'},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return {
    url: await addressOf(server),
    stop: async () => {
      server.kill();
      await once(server, 'exit');
    },
  };
}

/** moto tells its address on stderr, among other things; the stream is read on, or the server would block. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (chunk) => {
      if (said.length < 100_000) said += chunk;
      const url = /Running on (http:\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    server.once('exit', () => reject(new Error(`moto did not start: ${said}`)));
  });
}
