/**
 * Runs the tests: all `test/**\/*.test.ts`, or those whose path contains one of the arguments.
 * The last line is `N passed, N failed, N skipped`; what was skipped, and why, stands above it.
 * Fails when a test fails, when there is none, when a file has none, and in CI also when one is skipped.
 */
import {readdirSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';
import {run} from 'node:test';
import {inspect} from 'node:util';

type TestEvent = {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: {readonly type?: string; readonly duration_ms: number; readonly error?: Error};
};

const FILE_LIMIT_MS = 10 * 60_000;

// For tests that use the SDK as it is: its notice on Node 20 is no news here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const files = testFiles(process.argv.slice(2));
const failed: string[] = [];
const skipped: string[] = [];
let passed = 0;
let passedInSuite = 0;
let currentFile = '';

if (files.length > 0) {
  const stream = run({files, concurrency: 2, timeout: FILE_LIMIT_MS});
  stream.on('test:pass', onPass);
  stream.on('test:fail', onFail);
  stream.on('test:stdout', ({message}) => print(message));
  stream.on('test:stderr', ({message}) => print(message));
  for await (const _ of stream);
}
summarize();

function testFiles(wanted: readonly string[]): string[] {
  return readdirSync('test', {recursive: true, encoding: 'utf8'})
    .map((file) => join('test', file))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith(join('test', 'bench')))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort()
    .map((file) => resolve(file));
}

function onPass(event: TestEvent): void {
  const reason = skipReason(event);
  if (isFile(event)) fail(event, 'has no tests');
  else if (reason !== undefined) skipOne(event, reason);
  else succeed(event);
}

function skipReason({skip, todo}: TestEvent): string | undefined {
  const reason = skip || todo;
  return reason === true ? 'no reason given' : reason || undefined;
}

function succeed(event: TestEvent): void {
  if (event.details.type !== 'suite') {
    passed += 1;
    passedInSuite += 1;
  }
  if (event.nesting === 0) closeTopLevel('✔', event);
}

function onFail(event: TestEvent): void {
  const {error, type} = event.details;
  const isOnlySum = type === 'suite' && Reflect.get(error ?? {}, 'failureType') === 'subtestsFailed';
  if (!isOnlySum) fail(event, inspect(error?.cause ?? error));
  if (event.nesting === 0) closeTopLevel('✖', event);
}

function fail(event: TestEvent, why: string): void {
  const name = isFile(event) ? 'the file' : event.name;
  failed.push(`${where(event)}: ${name}`);
  openFile(event);
  print(`  ✖ ${name}\n${why.replace(/^/gm, '      ')}\n`);
}

function skipOne(event: TestEvent, reason: string): void {
  skipped.push(`${where(event)}: ${event.name} (${reason})`);
  if (event.nesting === 0) closeTopLevel('-', event);
}

function closeTopLevel(mark: string, event: TestEvent): void {
  if (isFile(event)) return;
  openFile(event);
  const count = event.details.type === 'suite' ? ` (${passedInSuite} passed)` : '';
  print(`  ${mark} ${event.name}${count} ${Math.round(event.details.duration_ms)} ms\n`);
  passedInSuite = 0;
}

function openFile(event: TestEvent): void {
  const file = where(event);
  if (file !== currentFile) print(`${file}\n`);
  currentFile = file;
}

function isFile({name, file}: TestEvent): boolean {
  return file !== undefined && resolve(name) === file;
}

function where({file}: TestEvent): string {
  return file === undefined ? 'test' : relative('.', file);
}

function summarize(): void {
  const mayNotSkip = process.env['CI'] === 'true' && skipped.length > 0;
  if (files.length === 0) print('no test file found\n');
  list('Failed', failed);
  list(mayNotSkip ? 'Skipped, which is a failure in CI' : 'Skipped', skipped);
  print(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
  if (failed.length > 0 || passed === 0 || mayNotSkip) process.exitCode = 1;
}

function list(title: string, lines: readonly string[]): void {
  if (lines.length > 0) print(`\n${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

function print(text: string): void {
  process.stdout.write(text);
}
