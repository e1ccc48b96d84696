/** A world in memory around a real folder, and the wiring of a house that adds nothing to the runner. */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {Readable} from 'node:stream';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {runCli} from '../../src/cli/run.ts';
import type {Wiring} from '../../src/cli/wiring.ts';
import type {Sink, TerminalDevice, World} from '../../src/cli/world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly stdoutIsTTY?: boolean;
  readonly columns?: number;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Where questions are asked. */
  readonly terminal?: TerminalDevice;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder with files in which ftask is run; removed when the test ends. */
export class FakeProject {
  readonly folder: string;
  readonly #wiring: Wiring;
  /** Stands for the process's signals. */
  readonly #listeners = new Set<(signal: NodeJS.Signals) => void>();
  readonly exitedWith: number[] = [];

  constructor(context: TestContext, files: Readonly<Record<string, string>>, wiring: Partial<Wiring> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'ftask-test-'));
    context.after(() => rmSync(this.folder, {recursive: true, force: true}));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.#wiring = {...bareWiring, ...wiring};
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), {recursive: true});
    writeFileSync(path, text);
  }

  signal(name: NodeJS.Signals): void {
    for (const listener of this.#listeners) listener(name);
  }

  async run(
    argv: readonly string[],
    {stdoutIsTTY = false, columns = 80, cwd = this.folder, stdin = '', terminal, env = {}}: Place = {},
  ): Promise<Ran> {
    const text = {stdout: '', stderr: ''};
    const world: World = {
      argv,
      env: {
        XDG_CACHE_HOME: join(this.folder, '.cache'),
        XDG_STATE_HOME: join(this.folder, '.state'),
        NO_COLOR: '1',
        ...env,
      },
      cwd,
      stdout: {write: writer((more) => (text.stdout += more)), isTTY: stdoutIsTTY, columns},
      stderr: {write: writer((more) => (text.stderr += more)), isTTY: false},
      stdin: () => Readable.from(stdin),
      openTerminal: async () => terminal,
      onResize: () => () => {},
      pid: process.pid,
      userId: process.getuid?.(),
      onSignal: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      onUncaught: () => () => {},
      onIdle: () => () => {},
      onConsole: () => () => {},
      exitNow: (code) => this.exitedWith.push(code),
      mapStackTraces: () => process.setSourceMapsEnabled(true),
    };
    const exit = await runCli(world, this.#wiring);
    return {exit, ...text};
  }
}

function writer(add: (text: string) => void): Sink['write'] {
  return (data, done) => {
    add(typeof data === 'string' ? data : Buffer.from(data).toString());
    done?.();
  };
}

const bareWiring: Wiring = {
  version: '1.2.3',
  root: join(ROOT, 'src'),
  installation: [],
  isCached: true,
  modules: {
    ftask: new URL('../../src/index.ts', import.meta.url).href,
    'ftask/tasks': new URL('../fixtures/cli/packaged-tasks.ts', import.meta.url).href,
  },
  loadCommands: async () => ({}),
  hostNames: async () => ({hosts: [], roles: []}),
  createContext: async (run) => ({...run, close: async () => {}}),
};
