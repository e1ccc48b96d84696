/** Watches where a secret shows up while a program runs: in command lines and environments of this machine, and in files. */
import {lstatSync, readdirSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

const PAUSE_MS = 3;
/** Tests that run beside this one may move large files. */
const MOST_BYTES = 10_000_000;

export interface Sighting {
  readonly pid: number;
  readonly where: 'command line' | 'environment';
  readonly commandLine: string;
}

export interface SecretWatch {
  /** Processes that came up since the watch began. */
  readonly seen: ReadonlySet<number>;
  /** All command lines or environments that held the secret, each once. */
  end(): Promise<readonly Sighting[]>;
}

/** Looks at all processes that come up from now on, every few milliseconds. */
export function watchProcesses(secret: string): SecretWatch {
  const own = new Set(processes());
  const seen = new Set<number>();
  const sightings = new Map<string, Sighting>();
  let isOver = false;
  const look = (pid: number): void => {
    seen.add(pid);
    const commandLine = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const tell = (where: Sighting['where']) =>
      sightings.set(`${pid} ${where} ${commandLine}`, {pid, where, commandLine});
    if (commandLine.includes(secret)) tell('command line');
    if (textOf(`/proc/${pid}/environ`).includes(secret)) tell('environment');
  };
  const work = async (): Promise<void> => {
    while (!isOver) {
      for (const pid of processes()) if (!own.has(pid)) look(pid);
      await delay(PAUSE_MS);
    }
  };
  const working = work();
  return {
    seen,
    end: async () => {
      isOver = true;
      await working;
      return [...sightings.values()];
    },
  };
}

/** Files younger than this that hold the secret: in these folders, and in all of ftask's among those for temporary files. */
export function filesWith(secret: string, folders: readonly string[], since: Date): readonly string[] {
  const temporary = [tmpdir(), '/var/tmp', '/dev/shm', process.env['XDG_RUNTIME_DIR'] ?? '/run'];
  const own = temporary.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => name.includes('ftask'))
      .map((name) => join(folder, name)),
  );
  return [...new Set([...folders, ...own])]
    .flatMap((path) => filesIn(path, since))
    .filter((file) => textOf(file).includes(secret));
}

/** All files, at any depth. */
function filesIn(path: string, since: Date): string[] {
  const is = lstatSync(path, {throwIfNoEntry: false});
  if (is?.isDirectory()) return namesIn(path).flatMap((name) => filesIn(join(path, name), since));
  return is?.isFile() && is.mtime >= since && is.size < MOST_BYTES ? [path] : [];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function processes(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty when it has gone. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
