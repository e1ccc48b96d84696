/** A small application on this machine that is really there: a database, a folder, single files. Backed up without SSH. */
import {execFileSync} from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Application, Postgres, Tree} from '../../../src/app/application.ts';
import {type BackupRow, type BackupRun, backUpApplication} from '../../../src/app/backup/back-up.ts';
import type {Host} from '../../../src/host/host.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {localHost} from '../../disk/devices.ts';
import {atEnd} from '../../ssh/at-end.ts';
import type {TestPostgres} from '../postgres.ts';

export interface Scene {
  readonly folder: string;
  /** The folder of the snapshots. */
  readonly root: string;
  /** The folder that archives are brought to. */
  readonly local: string;
  readonly application: Application;
  readonly database: Postgres;
  readonly site: Tree;
  /** What was warned of, so far. */
  readonly warnings: readonly string[];
  backUp(change?: Partial<Application>, run?: Partial<BackupRun>, host?: Host): Promise<BackupRow>;
  /** The names in the folder of the snapshots, without the lock. */
  names(): string[];
  /** The names in the folder that archives are brought to. */
  localNames(): string[];
}

/** Makes one with a database of its own; all is removed at the end of the file. */
export async function makeScene(server: TestPostgres, name: string): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-app-'));
  atEnd(async () => rmSync(folder, {recursive: true, force: true}));
  chmodSync(folder, 0o755);
  await server.sql(`CREATE DATABASE ${name}`);
  await server.sql('CREATE TABLE services_service AS SELECT generate_series(1, 17) AS id', name);
  makeSite(join(folder, 'site'));
  writeFileSync(join(folder, 'site.env'), 'SECRET_KEY=1\n', {mode: 0o640});
  const database: Postgres = {
    kind: 'postgres',
    name: 'database',
    database: name,
    user: 'postgres',
    host: server.socket,
    port: server.port,
    becomeUser: 'postgres',
    format: 'plain',
    dumpProgram: 'pg_dump',
    options: ['--clean', '--if-exists', '--no-owner'],
    owner: 'postgres',
    countTables: ['services_service', 'not_there'],
  };
  const site: Tree = {
    kind: 'tree',
    name: 'site',
    path: join(folder, 'site'),
    into: 'services',
    excludes: ['cache/'],
    required: true,
  };
  const env = {
    kind: 'files',
    name: 'env',
    paths: [join(folder, '*.env')],
    into: 'config',
    required: true,
  } as const;
  const [root, local] = [join(folder, 'backups/shop'), join(folder, 'local')];
  const application: Application = {
    name: 'shop',
    root,
    prefix: 'manual',
    requires: [folder],
    components: [database, site, env],
    version: {command: ['echo', '1.2.3'], user: 'postgres'},
    counts: [{name: 'services', path: site.path}],
    archive: {format: 'tar.gz', recipients: []},
    fetch: {dir: local},
    diskRatio: 1,
    checksums: true,
    services: [],
    afterRestore: [],
    extra: {ticket: 'OPS-7'},
  };
  const warnings: string[] = [];
  return {
    folder,
    root,
    local,
    application,
    database,
    site,
    warnings,
    backUp: (change = {}, run = {}, host = localHost()) =>
      backUpApplication(host, {...application, ...change}, {...runOf(warnings), ...run}),
    names: () => readdirSync(root).filter((entry) => entry !== '.lock'),
    localNames: () => (existsSync(local) ? readdirSync(local) : []),
  };
}

/** A run that nobody interrupts. Each begins in a second of its own, so that no two snapshots have one name. */
export function runOf(warnings: string[]): BackupRun {
  let now = nextSecond();
  return {
    owner: 'tester, run 1',
    toolVersion: '0.1.0',
    now: () => now++,
    signal: new AbortController().signal,
    undo: new UndoStack(),
    say: () => {},
    note: () => {},
    warn: (text) => void warnings.push(text),
    debug: () => {},
    record: async () => {},
  };
}

let second = Math.floor(Date.now() / 1000);

function nextSecond(): number {
  second += 1;
  return second * 1000;
}

/** Runs a program in a folder and gives what it prints, its last line end aside. */
export function said(cwd: string, program: string, ...words: string[]): string {
  return execFileSync(program, words, {cwd, encoding: 'latin1', maxBuffer: 2 ** 28}).replace(/\n$/, '');
}

/** Files, folders and links with odd names, modes and owners, and what is left out. */
function makeSite(site: string): void {
  mkdirSync(join(site, 'sub/.hidden'), {recursive: true});
  mkdirSync(join(site, 'cache'));
  mkdirSync(join(site, '.config/sops/age'), {recursive: true});
  const files: readonly (readonly [string, number])[] = [
    ['two words', 0o644],
    ['new\nline', 0o600],
    ['back\\slash', 0o755],
    ['ä%41', 0o4755],
    ['sub!', 0o444],
    ['sub/.hidden/file', 0o640],
    ['cache/left-out', 0o644],
    ['.config/sops/age/keys.txt', 0o600],
  ];
  for (const [name, mode] of files) {
    writeFileSync(join(site, name), `content of ${name}\n`);
    chmodSync(join(site, name), mode);
  }
  writeFileSync(join(site, 'sub/large'), Buffer.alloc(3_000_000, 'large '));
  chownSync(join(site, 'sub'), 12_345, 54_321);
  chmodSync(join(site, 'sub'), 0o2770);
  symlinkSync('../two words', join(site, 'sub/link'));
  symlinkSync('/nowhere', join(site, 'dangling'));
  said(site, 'mkfifo', 'pipe');
}
