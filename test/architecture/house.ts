/** The house: which folder or file of `src` stands in which row, and which package lives where. */

/** The rows from top to bottom. A row may use the rows above it; what shares a row does not know each other. */
export const ROWS: readonly (readonly string[])[] = [
  [
    'errors.ts',
    'secret.ts',
    'clock.ts',
    'duration.ts',
    'words.ts',
    'nearest.ts',
    'package.ts',
    'concurrency.ts',
    'claim-file.ts',
    'closers.ts',
    'known-regions.ts',
  ],
  ['host', 'ec2', 'retention', 'runner', 'journal'],
  ['ssh', 'disk', 'temporary', 'config', 'lab'],
  ['snapshot', 'replica', 'app', 'fleet'],
  ['context'],
  ['tasks', 'cli', 'index.ts'],
  ['main.ts'],
];

/** Units that may use less than the rows above them: these, and the first row. */
export const NARROW: Readonly<Record<string, readonly string[]>> = {
  // The command line must work for any task, so it sees nothing of what tasks do.
  cli: ['runner'],
  // Client and server must not share a mistake.
  lab: [],
};

/** Units that only some may use, though they stand in a row above others. */
export const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  ssh: ['context'],
};

export interface Home {
  /** Folders and files of `src`. */
  readonly in: readonly string[];
  /** Slow to load: no import of its values but `await import()`. */
  readonly isLazy?: boolean;
}

export const HOMES: Readonly<Record<string, Home>> = {
  '@aws-sdk/client-ec2': {in: ['ec2', 'lab'], isLazy: true},
  '@aws-sdk/client-ebs': {in: ['ec2'], isLazy: true},
  '@aws-sdk/client-kms': {in: ['ec2'], isLazy: true},
  '@smithy/core': {in: ['lab'], isLazy: true},
  chalk: {in: ['cli', 'runner/display']},
  commander: {in: ['cli']},
  esbuild: {in: ['cli'], isLazy: true},
  listr2: {in: ['runner']},
  ssh2: {in: ['ssh']},
  yaml: {in: ['app', 'config', 'lab']},
  zod: {in: ['cli', 'config', 'index.ts', 'lab', 'runner', 'tasks']},
};

/** Files that use the global `process`, and why. */
export const PROCESS_USERS: Readonly<Record<string, string>> = {
  'main.ts': 'it is the process; everything else gets what it needs from it',
  'ec2/call/sdk.ts': 'the SDK reads the switch of its Node version notice from process.env alone',
  'host/transfer/local/tar.ts': 'whether root unpacks decides whose the files are, and tar needs a PATH',
  'lab/lab.ts': 'a lab tells which process it is',
  'lab/hardware/keeper/start.ts': 'a keeper is this very program, started again',
  'lab/hardware/keeper/stop.ts': 'only process.kill ends a process by its id',
  'lab/lock.ts': 'a lock file names its holder by pid and asks whether it lives',
  'lab/wire/schema.ts': 'the same switch, before the same package is loaded for its schemas',
  'ssh/gateway/proxy-command.ts': 'a process group can be ended by process.kill alone',
  'ssh/openssh/master.ts': 'the same',
};

/** What may lie at the top of the repository, beside dot files. */
export const TOP_LEVEL: readonly string[] = [
  'package.json',
  'package-lock.json', // npm ci needs it
  'tsconfig.json',
  'tasks.ts',
  'src',
  'config',
  'test',
  'README.md',
  'LICENSE', // where those who look for it look
];

export const MAX_LINES = 300;
