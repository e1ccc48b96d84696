/** What a task may ask of the command line: questions, locks, other tasks, streams, exit codes. */
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {FakeTerminal} from './fake-terminal.ts';
import {FakeProject} from './fake-world.ts';

const TASKS = `
  import {call, task, z, ExitWith, FtaskError} from 'ftask';
  const options = z.object({});
  export const wipe = task({
    summary: 'Wipe.', options: z.object({region: z.string().default('eu'), dryRun: z.boolean().default(false)}),
    destructive: ({region}) => region === 'none' ? undefined : \`All of \${region} will be deleted.\`,
    run: async ({dryRun}, ctx) => [\`wiped \${dryRun} \${ctx.dryRun}\`],
  });
  export const drop = task({summary: 'Drop.', options, destructive: true, run: async () => ['dropped']});
  export const calls_drop = task({summary: 'Call.', options, run: async (_, ctx) => ctx.call(drop)});
  export const greet = task({summary: 'Greet.', options: z.object({name: z.string().default('you')}),
    run: async ({name}) => [\`hello \${name}\`]});
  export const twice = task({summary: 'Twice.', options, run: async (_, ctx) =>
    [...await ctx.call(greet), ...await ctx.call(greet, {name: 'me'})]});
  export const wrong = task({summary: 'Wrong.', options, run: async (_, ctx) => ctx.call(greet, {name: 7})});
  export const fails = task({summary: 'Fail.', options, run: async () => { throw new FtaskError('X', 'broke'); }});
  export const calls_fails = task({summary: 'Call.', options, run: async (_, ctx) => ctx.call(fails)});
  export const seven = task({summary: 'Seven.', options: z.object({text: z.string().default('')}),
    run: async ({text}) => { throw new ExitWith(7, text, ['a row']); }});
  export const zero = task({summary: 'Zero.', options, run: async () => { throw new ExitWith(0, '', ['a row']); }});
  export const shows = task({summary: 'Show.', options, output: {ownText: true}, run: async (_, ctx) => {
    await ctx.out.write('own ');
    await ctx.out.write(Buffer.from('text\\n'));
    return ['row'];
  }});
  export const env = task({summary: 'Env.', options, run: async (_, ctx) => [JSON.stringify(ctx.env)]});
  export const reads = task({summary: 'Read.', options, run: async (_, ctx) => {
    let text = '';
    for await (const chunk of ctx.stdin()) text += chunk;
    return [text];
  }});
  export const locked = task({summary: 'Lock.', options: z.object({host: z.string().default('a')}),
    lock: ({host}) => \`deploy \${host}\`,
    run: async (_, ctx) => {
      ctx.undo.push('look', async () => void globalThis.ftaskLooks?.());
      globalThis.ftaskLooks?.();
      throw new FtaskError('X', 'broke');
    }});
  export const timed = task({summary: 'Timed.', options: z.object({
    timeout: z.number().default(1).meta({kind: 'duration'}), batch: z.string().optional()}),
    run: async (own) => [JSON.stringify(own)]});
  export const build = task({summary: 'Build.', options, run: async () => ['built']});
  export const deploy = task({summary: 'Deploy.', options, before: [build], run: async () => ['deployed']});
  const unnamed = task({summary: 'Tell others.', options, run: async () => { throw new ExitWith(9, 'nine'); }});
  export const last = task({summary: 'Last.', options, after: [unnamed], run: async () => ['done']});
`;

const project = (context: TestContext) => new FakeProject(context, {'tasks.ts': TASKS});

describe('a destructive task', () => {
  test('runs when the answer is yes', async (context) => {
    const terminal = new FakeTerminal('y\r');
    const {exit, stdout} = await project(context).run(['wipe'], {terminal});
    assert.deepEqual([exit, stdout], [0, 'wiped false false\n']);
    assert.match(terminal.seen, /^wipe: All of eu will be deleted\. Go on\? \[y\/N\] /);
  });

  test('is refused when the answer is no, and nothing on the line has run', async (context) => {
    const terminal = new FakeTerminal('\r');
    const {exit, stdout, stderr} = await project(context).run(['greet', 'drop'], {terminal});
    assert.deepEqual([exit, stdout], [4, '']);
    assert.match(stderr, /drop: the answer was no, nothing was done/);
    assert.match(stderr, /greet: not run/);
  });

  test('is refused where nobody can be asked, with what to do', async (context) => {
    const {exit, stdout, stderr} = await project(context).run(['greet', 'wipe']);
    assert.deepEqual([exit, stdout], [4, '']);
    assert.match(
      stderr,
      /wipe asks first, and there is no terminal: All of eu will be deleted\.\n {2}hint: --yes/,
    );
  });

  for (const [why, argv] of [
    ['with --yes', ['wipe', '--yes']],
    ['in a dry run of its own', ['wipe', '--dry-run']],
    ['in a dry run of all', ['--dry-run', 'wipe', 'drop']],
    ['when there is nothing to lose', ['wipe', '--region', 'none']],
  ] as const) {
    test(`asks nobody ${why}`, async (context) => {
      assert.equal((await project(context).run(argv)).exit, 0);
    });
  }

  test('asks as well when a task calls it', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['calls_drop'])).exit, 4);
    assert.equal((await here.run(['calls_drop', '-y'])).stdout, 'dropped\n');
  });

  test('is not run when Ctrl-C is the answer', async (context) => {
    const terminal = new FakeTerminal('\u0003');
    const {exit, stdout} = await project(context).run(['drop', '--keep-going'], {terminal});
    assert.deepEqual([exit, stdout, terminal.isRaw], [130, '', false]);
  });
});

describe('core options that a task has, too', () => {
  for (const [argv, rows] of [
    [['--dry-run', 'wipe'], 'wiped true true'],
    [['wipe', '--dry-run'], 'wiped true true'],
    [['--dry-run', 'wipe', '--no-dry-run', '-y'], 'wiped false true'],
    [['--timeout', '5m', 'timed'], '{"timeout":300000}'],
    [['--timeout', '5m', 'timed', '--timeout=1s'], '{"timeout":1000}'],
    [['--batch', '10%', 'timed'], '{"timeout":1,"batch":"10%"}'],
  ] as const) {
    test(`${argv.join(' ')} gives ${rows}`, async (context) => {
      assert.equal((await project(context).run(argv)).stdout, `${rows}\n`);
    });
  }

  test('a bad value is told once', async (context) => {
    const {exit, stderr} = await project(context).run(['--timeout', 'soon', 'timed']);
    assert.equal(exit, 2);
    assert.match(stderr, /^ftask: --timeout: 'soon' is not a duration[^\n]*\n {2}hint:[^\n]*\n$/);
  });
});

describe('core options', () => {
  for (const [argv, message] of [
    [['-P', '0'], '--parallel: 0 is not a whole number from 1 on'],
    [['--max-failures', '1.5'], '--max-failures: 1.5 is not a whole number from 1 on'],
    [['-P', '2', '--serial'], '--serial and --parallel exclude each other'],
    [['--batch', '0%'], /--batch: '0%' is neither/],
    [['--set', 'A-B=1'], "--set: 'A-B' cannot be the name of a variable"],
    [['--set', 'A'], "--set: 'A' is not KEY=VALUE"],
    [['--hosts-by-tag', 'web'], "--hosts-by-tag: 'web' is not NAME=VALUE"],
    [['--output', 'xml'], "--output: 'xml' is not one of stream, fold, json"],
    [['--lock-wait', '5'], /--lock-wait: '5' is not a duration/],
  ] as const) {
    test(`${argv.join(' ')} is refused before anything runs`, async (context) => {
      const {exit, stdout, stderr} = await project(context).run([...argv, 'greet']);
      assert.deepEqual([exit, stdout], [2, '']);
      assert.match(stderr, message instanceof RegExp ? message : new RegExp(`^ftask: ${message}\n`));
    });
  }

  test('arrive in the house with their values', async (context) => {
    let seen: object = {};
    const here = new FakeProject(
      context,
      {'tasks.ts': TASKS},
      {
        createContext: async (run, core) => {
          seen = core;
          return {...run, close: async () => {}};
        },
      },
    );
    const words = [
      '-H',
      'web[1-3,7],c:2222',
      '-H',
      '[::1]:22',
      '-x',
      'web2',
      '-Rdb',
      '--hosts-by-tag',
      'a=b,c',
    ];
    await here.run([...words, '-P', '8', '--batch=10%', '--connect-timeout=5s', 'greet', '--hide', 'err']);
    assert.deepEqual(
      {...seen},
      {
        ...seen,
        hosts: ['web[1-3,7]', 'c:2222', '[::1]:22'],
        exclude: ['web2'],
        role: ['db'],
        hostsByTag: ['a=b,c'],
        parallel: 8,
        batch: '10%',
        connectTimeout: 5000,
        hide: 'err',
        serial: false,
      },
    );
  });

  test('--set gives tasks their variables', async (context) => {
    const {stdout} = await project(context).run(['--set', 'A=1,2', 'env', '--set=B=x=y']);
    assert.equal(stdout, '{"A":"1,2","B":"x=y"}\n');
  });
});

describe('a task that calls a task', () => {
  test('gets its rows, with the defaults of the options it does not give', async (context) => {
    assert.equal((await project(context).run(['twice'])).stdout, 'hello you\nhello me\n');
  });

  test('fails as it fails', async (context) => {
    const {exit, stderr} = await project(context).run(['calls_fails']);
    assert.equal(exit, 1);
    assert.match(stderr, /^ftask: broke\n/);
  });

  test('cannot give it options that it does not take', async (context) => {
    const {exit, stderr} = await project(context).run(['wrong']);
    assert.equal(exit, 1);
    assert.match(stderr, /^ftask: 'Greet\.': name: /);
  });
});

describe('tasks around a task', () => {
  test('run on the command line, and have their place in the report', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['deploy'])).stdout, 'built\ndeployed\n');
    const {tasks} = JSON.parse((await here.run(['last', '--json'])).stdout);
    assert.deepEqual(
      tasks.map(({name, status}: {name: string; status: string}) => [name, status]),
      [
        ['last', 'done'],
        ['Tell others', 'failed'],
      ],
    );
  });
});

describe('an exit code of a task', () => {
  test('becomes that of ftask when the task is alone, and its rows are kept', async (context) => {
    const {exit, stdout, stderr} = await project(context).run(['seven', '--text', 'ended with 7']);
    assert.deepEqual([exit, stdout], [7, 'a row\n']);
    assert.match(stderr, /^ftask: ended with 7\nseven: exit code 7 in \d+\.\d s\n$/);
    const json = JSON.parse((await project(context).run(['seven', '--json'])).stdout);
    assert.deepEqual([json.ok, json.exit, json.tasks[0].result], [false, 7, ['a row']]);
    assert.equal(json.tasks[0].error.message, 'exit code 7');
  });

  test('is not announced when it has no message', async (context) => {
    assert.match((await project(context).run(['seven'])).stderr, /^seven: exit code 7 in \d+\.\d s\n$/);
  });

  test('is a plain failure beside other tasks', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['seven', 'greet'])).exit, 1);
    assert.equal((await here.run(['greet', 'seven', '--keep-going'])).exit, 1);
    assert.equal((await here.run(['seven', '--keep-going'])).exit, 1);
  });

  test('0 is success', async (context) => {
    const {exit, stdout, stderr} = await project(context).run(['zero']);
    assert.deepEqual([exit, stdout], [0, 'a row\n']);
    assert.match(stderr, /^zero: 1 done/);
  });
});

describe('streams', () => {
  test('a task shows its data itself, and --json has the rows alone', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['shows'])).stdout, 'own text\n');
    const {tasks} = JSON.parse((await here.run(['shows', '--json'])).stdout);
    assert.deepEqual(tasks[0].result, ['row']);
  });

  test('a task reads what is piped in', async (context) => {
    assert.equal((await project(context).run(['reads'], {stdin: 'from a pipe'})).stdout, 'from a pipe\n');
  });
});

describe('a lock of a task', () => {
  test('is held until the task is undone, under the name it chose, and not in a dry run', async (context) => {
    const here = project(context);
    const held: string[][] = [];
    const hooks = globalThis as {ftaskLooks?: () => void};
    const folder = join(here.folder, '.state', 'ftask', 'locks');
    hooks.ftaskLooks = () => void held.push(readdirSync(folder));
    await here.run(['locked', '--host', 'web1']);
    assert.deepEqual(held, [['deploy%20web1.lock'], ['deploy%20web1.lock']]);
    assert.deepEqual(readdirSync(folder), []);
    await here.run(['locked', '--dry-run']);
    assert.deepEqual(held.slice(2), [[], []]);
    hooks.ftaskLooks = () => {};
  });
});

describe('closing', () => {
  test('that fails is told, and what became of the tasks is kept', async (context) => {
    const here = new FakeProject(
      context,
      {'tasks.ts': TASKS},
      {
        createContext: async (run) => ({
          ...run,
          close: async () => {
            throw new TypeError('cannot close');
          },
        }),
      },
    );
    const {exit, stdout} = await here.run(['greet', '--json']);
    const {tasks, error} = JSON.parse(stdout);
    assert.deepEqual([exit, tasks[0].result, error.message], [70, ['hello you'], 'cannot close']);
  });
});
