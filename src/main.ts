#!/usr/bin/env node
/** The process: hands its streams, signals and installation to the command line. */
import {homedir} from 'node:os';
import {fileURLToPath} from 'node:url';
import {setFlagsFromString} from 'node:v8';
import {consoleTo} from './cli/console-lines.ts';
import {runCli} from './cli/run.ts';
import type {Wiring} from './cli/wiring.ts';
import type {World} from './cli/world.ts';
import {UsageError} from './errors.ts';
import {packageRoot, packageVersion} from './package.ts';

// By default V8 lets garbage grow to several times what is alive before it collects it.
setFlagsFromString('--heap-growing-percent=50');
// The pieces of a stream are garbage at once; the more room there is for what is young, the more of them lie around.
setFlagsFromString('--semi-space-growth-factor=1');

const isSource = import.meta.url.endsWith('.ts');

const env = {...process.env};
// It is for ftask, not for the programs that it starts.
delete process.env['FTASK_SUDO_PASSWORD'];

const world: World = {
  argv: process.argv.slice(2),
  env,
  get cwd() {
    return workingFolder();
  },
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => process.stdin,
  openTerminal: async () => {
    const {openTerminal} = await import('./cli/terminal/device.ts');
    return openTerminal();
  },
  onResize: (listener) => {
    process.on('SIGWINCH', listener);
    return () => process.off('SIGWINCH', listener);
  },
  pid: process.pid,
  userId: process.getuid?.(),
  onSignal: (listener) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onUncaught: (listener) => {
    process.on('uncaughtException', listener);
    return () => process.off('uncaughtException', listener);
  },
  onIdle: (listener) => {
    process.on('beforeExit', listener);
    return () => process.off('beforeExit', listener);
  },
  onConsole: (listener) => {
    const {console: before} = globalThis;
    globalThis.console = consoleTo(listener);
    return () => {
      globalThis.console = before;
    };
  },
  exitNow: (code) => process.exit(code),
  mapStackTraces: () => process.setSourceMapsEnabled(true),
};

const modules = {
  ftask: new URL(isSource ? './index.ts' : './index.js', import.meta.url).href,
  'ftask/tasks': new URL(isSource ? './tasks/index.ts' : './tasks.js', import.meta.url).href,
};

const wiring: Wiring = {
  version: packageVersion(),
  root: packageRoot(),
  installation: isSource ? [] : [fileURLToPath(import.meta.url), fileURLToPath(modules['ftask/tasks'])],
  isCached: !isSource,
  modules,
  loadCommands: () => import('./tasks/commands.ts'),
  hostNames: async ({config}) => {
    const {hostNames} = await import('./context/host-names.ts');
    const {cwd, env, userId: uid = -1} = world;
    return hostNames({...(config && {configFile: config}), cwd, env, homeDir: homedir(), uid});
  },
  createContext: async (run, core) => {
    const {createContext} = await import('./context/context.ts');
    return createContext(run, core, {cwd: world.cwd, env: world.env, homeDir: homedir()});
  },
};

/** What code of the user's prints is talk: stdout is for data. */
world.onConsole((line) => process.stderr.write(`${line}\n`));

/** The run goes on without its talk: backups matter more than a full disk or a terminal that is gone. */
process.stderr.on('error', () => {});

/** A reader that went away (`ftask ... | head -1`) wants no more; any other loss of data is a failure. */
let isOutputLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isOutputLost) return;
  isOutputLost = true;
  process.once('beforeExit', (code) => {
    process.stderr.write(`ftask: the output is lost: ${error.message}\n`);
    process.exitCode = code || 1;
  });
});

function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    const hint = 'go to one that is there, such as cd ~';
    throw new UsageError('NoFolder', 'the working directory does not exist any more', {hint, cause});
  }
}

process.exitCode = await runCli(world, wiring);
