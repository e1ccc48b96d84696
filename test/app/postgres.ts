/** A real PostgreSQL server of the test's own on this machine: the socket asks who you are, TCP for a password. Needs root. */
import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {atEnd} from '../ssh/at-end.ts';
import {freePort, notRoot} from '../ssh/sshd.ts';
import {initScript, noPostgres as noPrograms, postgresPrograms} from './cluster.ts';

const run = promisify(execFile);

/** Why no server can be started here. */
export const noPostgres: string | false = noPrograms || notRoot;

export interface TestPostgres {
  /** Folder of the socket; libpq takes it as a host. The user postgres is let in as that role. */
  readonly socket: string;
  /** Of the socket, and of 127.0.0.1. */
  readonly port: number;
  /** Of the role postgres, over TCP. */
  readonly password: string;
  /** The folder that it all is in; the data is in `data`, what the server says in `log`. */
  readonly folder: string;
  /** Runs SQL as the role postgres and gives what it returns, unaligned, fields separated by `|`. @throws when it fails */
  sql(text: string, database?: string): Promise<string>;
  start(): Promise<void>;
  /** `immediate` is what a crash looks like. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/** Starts a server; it is stopped and its folder removed at the end of the test file. */
export async function startPostgres(config: readonly string[] = []): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-postgres-'));
  atEnd(() => rm(folder, {recursive: true, force: true}));
  await chmod(folder, 0o755);
  await run('chown', ['postgres:', folder]);
  const [data, port, password] = [join(folder, 'data'), await freePort(), randomBytes(12).toString('hex')];
  await asPostgres('sh', ['-c', initScript({data, socket: folder, port, password, config})]);
  const control = (...words: string[]) =>
    asPostgres(join(postgresPrograms, 'pg_ctl'), [`--pgdata=${data}`, '--wait', '--silent', ...words]);
  const start = async () => void (await control(`--log=${join(folder, 'log')}`, 'start'));
  const stop = async (mode = 'fast') => void (await control(`--mode=${mode}`, 'stop'));
  await start();
  // It may have been stopped by the test.
  atEnd(() => stop('immediate').catch(() => {}));
  return {
    socket: folder,
    port,
    password,
    folder,
    sql: async (text, database = 'postgres') => {
      const words = ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-p', `${port}`, '-d', database, '-f-'];
      return (await asPostgres('psql', words, text)).trimEnd();
    },
    start,
    stop,
  };
}

/** As the user postgres of this machine, who may not be where we are. */
async function asPostgres(program: string, words: readonly string[], input = ''): Promise<string> {
  const user = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  const running = run('setpriv', [...user, program, ...words], {cwd: '/', maxBuffer: 2 ** 28});
  running.child.stdin?.end(input);
  return (await running).stdout;
}
