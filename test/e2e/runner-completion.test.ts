/** The completion scripts in real shells: somebody types the beginning of a line and presses Tab. */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';

import {MAIN} from './ftask.ts';

const TASKS = `
  import {positional, regions, task, z} from 'ftask';
  const run = async () => undefined;
  export const greet = task({summary: 'Greet: say hello.', run, options: z.object({
    tone: z.enum(['kind', 'gruff']).optional(), region: regions()})});
  export const enter = task({summary: 'Enter.', run, options: z.object({host: positional(z.string().meta({names: 'hosts'}))})});
`;
const CONFIG = "hosts: {roles: {databases: ['db[1-2]']}}\n";
const SSH_CONFIG = 'Host web1 *.internal\nInclude more\n';

/** What is typed before Tab, and the words that ftask gets when Enter follows. */
const CASES: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ['gr', ['greet']],
  ['greet --to', ['greet', '--tone']],
  ['greet --tone k', ['greet', '--tone', 'kind']],
  ['greet --tone=k', ['greet', '--tone=kind']],
  ['greet --region=il', ['greet', '--region=il-central-1']],
  ['lab se', ['lab', 'serve']],
  ['-R d', ['-R', 'databases']],
  ['-H web1,db1,d', ['-H', 'web1,db1,db2']],
  ['-H deploy@web1,root@mai', ['-H', 'deploy@web1,root@mail']],
  ['enter m', ['enter', 'mail']],
  ['-f tas', ['-f', 'tasks.ts']],
];

const MARK = 'no more';

/** A folder with an `ftask` that completes as the real one and otherwise prints its words. */
function makeHome(context: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), 'ftask-shell-'));
  context.after(() => rmSync(home, {recursive: true, force: true, maxRetries: 3}));
  const real = `'${process.execPath}' '${MAIN}' "$@"`;
  mkdirSync(join(home, 'bin'));
  const script = `#!/bin/sh\ncase "$1" in --comp*) exec ${real};; esac\nprintf '<%s>' "$@"; echo .\n`;
  writeFileSync(join(home, 'bin', 'ftask'), script, {mode: 0o755});
  mkdirSync(join(home, '.ssh'), {mode: 0o700});
  writeFileSync(join(home, '.ssh', 'config'), SSH_CONFIG, {mode: 0o600});
  writeFileSync(join(home, '.ssh', 'more'), 'Host mail\n', {mode: 0o600});
  writeFileSync(join(home, '.ssh', 'known_hosts'), '|1|hashed= ssh-ed25519 AAAA\n');
  writeFileSync(join(home, 'tasks.ts'), TASKS);
  writeFileSync(join(home, 'ftask.yaml'), CONFIG);
  return home;
}

function environment(home: string): NodeJS.ProcessEnv {
  return {...process.env, HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH']}`, TERM: 'xterm'};
}

/** Types into an interactive shell on a terminal, waits for what it says, and returns all of it. */
async function typeInto(shell: string, setUp: string, home: string): Promise<string> {
  const child = spawn('script', ['-qec', shell, '/dev/null'], {cwd: home, env: environment(home)});
  let seen = '';
  const hear = async (pattern: RegExp) => {
    while (!pattern.test(seen)) await new Promise((resolve) => child.stdout.once('data', resolve));
  };
  child.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  child.stdin.write(`${setUp}; echo rea''dy\r`);
  await hear(/ready/);
  for (const [index, [typed]] of CASES.entries()) {
    child.stdin.write(`ftask ${typed}\t\r`);
    await hear(new RegExp(`(?:<[^<>\\n]*>\\.[^]*){${index + 1}}`));
  }
  child.stdin.write('exit\r');
  await new Promise((resolve) => child.once('close', resolve));
  return seen;
}

function answers(seen: string): string[][] {
  const lines = [...seen.matchAll(/((?:<[^<>\n]*>)+)\.\r?\n/g)];
  return lines.map(([, words = '']) => [...words.matchAll(/<([^<>]*)>/g)].map(([, word = '']) => word));
}

function lacking(...commands: readonly string[]): string | false {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  return missing.length > 0 && `no ${missing.join(' and no ')} on this machine`;
}

describe('the completion script', () => {
  for (const [name, shell, setUp] of [
    ['bash', 'bash --norc --noprofile -i', 'source <(ftask --completion bash)'],
    ['zsh', 'zsh -f -i', 'autoload -U compinit; compinit -D -u; source <(ftask --completion zsh)'],
  ] as const) {
    test(`of ${name} completes what is typed there`, {skip: lacking(name, 'script')}, async (context) => {
      const seen = await typeInto(shell, setUp, makeHome(context));
      assert.deepEqual(
        answers(seen),
        CASES.map(([, words]) => words),
      );
    });
  }

  test('of fish completes what is typed there', {skip: lacking('fish')}, (context) => {
    const home = makeHome(context);
    const asked = CASES.map(([typed]) => `complete -C 'ftask ${typed}'; echo ${MARK}`).join('\n');
    const {stdout} = spawnSync('fish', ['--no-config', '-c', `ftask --completion fish | source\n${asked}`], {
      cwd: home,
      env: environment(home),
      encoding: 'utf8',
    });
    const offered = stdout.split(`${MARK}\n`).map((lines) => lines.split(/[\t\n]/)[0]);
    assert.deepEqual(
      offered.slice(0, CASES.length),
      CASES.map(([, words]) => words.at(-1)),
    );
  });
});
