/** Whether an application is what it was: by tools that are not ours (rsync, find, pg_dump and diff). */
import type {TestHost} from '../host/host.ts';
import type {Living} from './living.ts';

/** On the host: there alone its paths are what they are. */
const KEPT = '/var/tmp/ftask-record';

export interface Looked {
  /** All that a backup brings back by default. */
  readonly paths?: readonly string[];
  readonly database?: boolean;
}

export interface Recording {
  /** What is not as it was, a line each; of a database the first 200. */
  differences(of?: Looked): Promise<string[]>;
}

/** Keeps a copy of an application as it is now, on its host. Nobody may write to it meanwhile. */
export async function record({host, database, paths: all}: Living): Promise<Recording> {
  await host.sh(`mkdir -m 700 ${KEPT} ${KEPT}/files; install -d -o postgres -m 700 ${KEPT}-database`);
  await rsync(host, all, '/', `${KEPT}/files/`);
  const before = new Map<string, readonly string[]>();
  for (const path of all) before.set(path, await find(host, path));
  await host.sh(dumpScript(database, `${KEPT}-database/was`), {user: 'postgres'});
  return {
    differences: async ({paths = all, database: isDatabaseToo = true} = {}) => {
      const told = await rsync(
        host,
        paths,
        `${KEPT}/files/`,
        '/',
        '--dry-run --checksum --delete --itemize-changes',
      );
      for (const path of paths) {
        const [was, is] = [before.get(path) ?? [], await find(host, path)];
        told.push(...only('was', was, is), ...only('is', is, was));
      }
      return isDatabaseToo ? [...told, ...(await dumpDifferences(host, database))] : told;
    },
  };
}

/** Copies, or would copy, the same paths from below one folder to below another; gives what it says. */
async function rsync(
  host: TestHost,
  paths: readonly string[],
  from: string,
  to: string,
  options = '',
): Promise<string[]> {
  if (paths.length === 0) return [];
  const sources = paths.map((path) => `'${from}.${path}'`).join(' ');
  const all = `-aHAXR --numeric-ids --no-implied-dirs --modify-window=-1 ${options}`;
  return (await host.sh(`rsync ${all} ${sources} '${to}'`)).split('\n').filter(Boolean);
}

async function find(host: TestHost, path: string): Promise<readonly string[]> {
  const format = '%p %y %m %U:%G %T@';
  const script = `! test -e '${path}' || find '${path}' -type d -printf '${format}\\0' -o -printf '${format} %s %l\\0'`;
  return (await host.sh(script)).split('\0').filter(Boolean);
}

function only(word: string, these: readonly string[], those: readonly string[]): string[] {
  const known = new Set(those);
  return these.filter((each) => !known.has(each)).map((each) => `${word} ${JSON.stringify(each)}`);
}

/** The server's own dump with what plain dumps of applications leave out: owners, and what the database itself is like. */
function dumpScript(database: string, file: string): string {
  return String.raw`umask 077
if pg_dump '${database}' >'${file}'; then :; else rm '${file}'; exit 1; fi
# Every dump has a key of its own in them.
sed -i '/^\\\(un\)\?restrict /d' '${file}'
psql -XAtqc "SELECT datname, datdba::regrole, encoding, datcollate, datctype FROM pg_database WHERE datname = '${database}'" \
  >>'${file}'
`;
}

async function dumpDifferences(host: TestHost, database: string): Promise<string[]> {
  const script = `cd ${KEPT}-database\n${dumpScript(database, 'is')}diff was is | head -200`;
  return (await host.sh(script, {user: 'postgres'})).split('\n').filter(Boolean);
}
