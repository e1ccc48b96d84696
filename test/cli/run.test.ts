import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {FakeProject} from './fake-world.ts';

const TASKS = `
  import {task, z, SomeFailed, FtaskError, RefusedError, UsageError} from 'ftask';
  const options = z.object({});
  export const greet = task({
    summary: 'Say hello.',
    options: z.object({
      name: z.string().default('world').describe('Whom to greet.'),
      loud: z.boolean().default(false),
      tone: z.enum(['kind', 'gruff']).optional(),
    }),
    run: async ({name, loud}) => [loud ? \`HELLO \${name}\` : \`hello \${name}\`],
  });
  export const list_rows = task({
    summary: 'Some rows.',
    options,
    output: {id: (row) => row.id, columns: ['id', 'region']},
    run: async () => [{id: 'snap-1', region: 'eu-west-1', x: 1}, {id: 'snap-2', region: 'eu-central-1', x: 2}],
  });
  export const nothing = task({summary: 'Nothing.', options, run: async () => undefined});
  export const some = task({summary: 'Some fail.', options, run: async (_, ctx) => {
    ctx.skip({item: 'i-3', reason: 'no volumes'});
    const error = new FtaskError('Throttled', 'too fast', {hint: 'wait a little'});
    throw new SomeFailed('1 of 2 failed', ['i-1'], [{item: 'i-2', where: 'eu-west-1', error}], 'run it again');
  }});
  export const all = task({summary: 'All fail.', options, run: async () => {
    throw new SomeFailed('all failed', [], [{item: 'i-2', error: new FtaskError('X', 'broke')}]);
  }});
  export const refuse = task({summary: 'Refuse.', options, run: async () => { throw new RefusedError('No', 'not allowed'); }});
  export const misuse = task({summary: 'Misuse.', options, run: async () => { throw new UsageError('Bad', 'no such region'); }});
  export const expected = task({summary: 'Fail.', options, run: async () => { throw new FtaskError('E', 'no credentials'); }});
  export const bug = task({summary: 'Bug.', options, run: async () => {
    const none = undefined;
    return none.field;
  }});
  export const unshown = task({
    summary: 'Unshown.', options, output: {id: (row) => row.id.toUpperCase()}, run: async () => [{id: 7n}],
  });
  export const chosen = task({
    summary: 'Chosen.', options,
    output: {columns: (rows) => (rows[0].a === 1 ? ['b', 'a'] : ['a', 'b'])}, run: async () => [{a: 1, b: 2}],
  });
  export const no_task = {summary: 'not a task'};
`;

const project = (context: Parameters<Parameters<typeof test>[0] & object>[0]) =>
  new FakeProject(context, {'tasks.ts': TASKS});

describe('running tasks', () => {
  test('a pipe gets strings as they are, one a line', async (context) => {
    const {exit, stdout} = await project(context).run(['greet', '--name', 'you']);
    assert.deepEqual({exit, stdout}, {exit: 0, stdout: 'hello you\n'});
  });

  test('a pipe gets the identifiers of rows, a terminal their columns', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['list-rows'])).stdout, 'snap-1\nsnap-2\n');
    const {stdout} = await here.run(['list_rows'], {stdoutIsTTY: true});
    assert.deepEqual(stdout.split('\n'), ['id      region', 'snap-1  eu-west-1', 'snap-2  eu-central-1', '']);
  });

  test('a task may choose the columns by its rows', async (context) => {
    const {stdout} = await project(context).run(['chosen'], {stdoutIsTTY: true});
    assert.equal(stdout, 'b  a\n2  1\n');
  });

  test('a task that returns nothing prints nothing', async (context) => {
    assert.equal((await project(context).run(['nothing'])).stdout, '');
  });

  test('tasks run in order, each with options of its own', async (context) => {
    const {stdout} = await project(context).run(['greet', '--loud', 'greet', '--name=b', '--loud=false']);
    assert.equal(stdout, 'HELLO world\nhello b\n');
  });

  test('the first failure stops the line, and what did not run is told', async (context) => {
    const {exit, stdout, stderr} = await project(context).run(['expected', 'greet']);
    assert.equal(exit, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /no credentials/);
    assert.match(stderr, /greet: not run/);
  });

  test('--keep-going runs on and exits with the worst code', async (context) => {
    const {exit, stdout} = await project(context).run(['some', 'refuse', 'greet', '--keep-going']);
    assert.equal(exit, 3);
    assert.equal(stdout, 'i-1\nhello world\n');
  });

  for (const [task, code] of Object.entries({greet: 0, expected: 1, all: 1, misuse: 2, some: 3, refuse: 4})) {
    test(`the exit code of ${task} is ${code}`, async (context) => {
      assert.equal((await project(context).run([task])).exit, code);
    });
  }

  test('a mistake in a task of the user shows the place in the task file and exits 1', async (context) => {
    const {exit, stderr} = await project(context).run(['bug']);
    assert.equal(exit, 1);
    assert.match(stderr, /tasks\.ts:33:17: TypeError/);
    assert.match(stderr, /> 33 \| {5}return none\.field;/);
  });

  test('an unexpected error from within ftask is called a bug and exits 70', async (context) => {
    const broken = new FakeProject(
      context,
      {'tasks.ts': TASKS},
      {
        createContext: async () => {
          throw new TypeError('oops');
        },
      },
    );
    const {exit, stderr} = await broken.run(['greet']);
    assert.equal(exit, 70);
    assert.match(stderr, /this is a bug in ftask/);
    assert.match(stderr, /oops/);
  });

  test('failed items are listed with what to do, and the closing line counts', async (context) => {
    const {stderr} = await project(context).run(['some']);
    assert.match(stderr, /eu-west-1 i-2: too fast\n {4}hint: wait a little\n {2}hint: run it again\n/);
    assert.match(stderr, /some: 1 done, 1 failed, 1 skipped in \d+\.\d s/);
  });

  test('--quiet says nothing of success and still tells failures', async (context) => {
    const here = project(context);
    assert.equal((await here.run(['greet', '-q'])).stderr, '');
    assert.match((await here.run(['some', '-q'])).stderr, /too fast/);
  });

  test('the context is made once, right before the first task, and closed', async (context) => {
    const calls: string[] = [];
    const here = new FakeProject(
      context,
      {'tasks.ts': TASKS},
      {
        createContext: async (run) => {
          calls.push('open');
          return {...run, close: async () => void calls.push('close')};
        },
      },
    );
    await here.run(['--list']);
    assert.deepEqual(calls, []);
    await here.run(['greet', 'greet']);
    assert.deepEqual(calls, ['open', 'close']);
  });
});

describe('--json', () => {
  test('is one document with what became of every task', async (context) => {
    const {exit, stdout} = await project(context).run(['--json', 'some', 'greet']);
    const {run, tasks, ...rest} = JSON.parse(stdout);
    assert.equal(exit, 3);
    assert.deepEqual(rest, {ok: false, exit: 3, error: null});
    assert.match(run, /^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    assert.deepEqual(
      tasks.map(({seconds, ...task}: {seconds: number}) => task),
      [
        {
          name: 'some',
          dryRun: false,
          status: 'partial',
          result: ['i-1'],
          failures: [
            {item: 'i-2', where: 'eu-west-1', code: 'Throttled', message: 'too fast', hint: 'wait a little'},
          ],
          skipped: [{item: 'i-3', reason: 'no volumes'}],
          error: {code: 'SomeFailed', message: '1 of 2 failed', hint: 'run it again'},
        },
        {name: 'greet', dryRun: false, status: 'not-run', result: [], failures: [], skipped: [], error: null},
      ],
    );
  });

  test('tells of a result that cannot be shown as a failure of its task', async (context) => {
    const here = project(context);
    const {exit, stdout} = await here.run(['--json', 'unshown', 'greet']);
    const [task] = JSON.parse(stdout).tasks;
    assert.notEqual(exit, 0);
    assert.deepEqual([task.status, task.result], ['failed', []]);
    assert.match(task.error.message, /BigInt/);
    const piped = await here.run(['unshown', 'greet']);
    assert.deepEqual([piped.exit === 0, piped.stdout], [false, '']);
    assert.match(piped.stderr, /toUpperCase is not a function/);
  });

  for (const argv of [
    ['nope'],
    ['greet', '--tone', 'odd'],
    ['-f', 'none.ts', 'greet'],
    ['--resume', 'x', 'greet'],
  ]) {
    test(`is one document for the usage error of: ${argv.join(' ')}`, async (context) => {
      const {exit, stdout} = await project(context).run([...argv, '--json']);
      assert.equal(exit, 2);
      assert.equal(JSON.parse(stdout).error.message.length > 0, true);
      assert.equal(JSON.parse(stdout).exit, 2);
    });
  }

  test('--resume gives the run its old id', async (context) => {
    const {stdout} = await project(context).run(['--resume', '20261121T043012Z-7f3a9c', 'greet', '--json']);
    assert.equal(JSON.parse(stdout).run, '20261121T043012Z-7f3a9c');
  });
});

describe('usage errors', () => {
  test('an unknown task is told with the nearest name', async (context) => {
    const {exit, stderr} = await project(context).run(['gret']);
    assert.equal(exit, 2);
    assert.equal(stderr, "ftask: unknown task 'gret'\n  hint: did you mean greet?\n");
  });

  test('an unknown task that is near to none is told with the file whose tasks there are', async (context) => {
    const here = project(context);
    const {stderr} = await here.run(['somersault']);
    assert.ok(stderr.includes(`all tasks of ${join(here.folder, 'tasks.ts')}\n`));
  });

  test('a word that was not UTF-8 is refused, since Node has changed it', async (context) => {
    const {exit, stderr} = await project(context).run(['greet', '--name', 'caf\uFFFD']);
    assert.deepEqual([exit, stderr], [2, 'ftask: this word is not valid UTF-8: caf\uFFFD\n']);
  });

  test('an unknown option is told with the nearest name', async (context) => {
    const {exit, stderr} = await project(context).run(['greet', '--nmae', 'you']);
    assert.equal(exit, 2);
    assert.equal(stderr, 'ftask: greet: unknown option --nmae\n  hint: did you mean --name?\n');
  });

  test('all that is wrong is told at once, and nothing runs', async (context) => {
    const {exit, stdout, stderr} = await project(context).run([
      'greet',
      'greet',
      '--tone=odd',
      '--loud=maybe',
    ]);
    assert.equal(exit, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /--tone: 'odd' is not one of kind, gruff/);
    assert.match(stderr, /--loud is true or false, not 'maybe'/);
  });
});

describe('help', () => {
  test('ftask alone shows the tasks, the options and the exit codes', async (context) => {
    const {exit, stdout} = await project(context).run([]);
    assert.equal(exit, 0);
    for (const part of [/Usage: ftask/, /greet +Say hello\./, /--keep-going/, /70 +a bug in ftask/]) {
      assert.match(stdout, part);
    }
  });

  test('of a task shows its options with defaults and choices within 80 columns', async (context) => {
    const {exit, stdout} = await project(context).run(['greet', '--help']);
    assert.equal(exit, 0);
    assert.match(stdout, /--name NAME +Whom to greet\. \(default world\)/);
    assert.match(stdout, /--tone TONE +\(one of kind, gruff\)/);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });

  test('--list names the tasks and no other export', async (context) => {
    const {stdout} = await project(context).run(['--list']);
    assert.match(stdout, /^ {2}list_rows +Some rows\.$/m);
    assert.doesNotMatch(stdout, /no_task/);
  });

  test("--list has the file's own tasks first, each group under its heading", async (context) => {
    const here = new FakeProject(context, {
      'tasks.ts': `import {task, z} from 'ftask';
        export * from 'ftask/tasks';
        const run = async () => undefined;
        export const zap = task({summary: 'Zap.', options: z.object({}), run});
        export const beat = task({summary: 'Beat.', section: 'Drums', options: z.object({}), run});`,
    });
    const list =
      'Drums:\n  beat           Beat.\n\nTasks:\n  zap            Zap.\n  packaged_task  A task that is always there.\n';
    assert.equal((await here.run(['--list'])).stdout, list);
    const {tasks} = JSON.parse((await here.run(['--list', '--json'])).stdout);
    assert.deepEqual(
      tasks.map(({name, section}: {name: string; section?: string}) => [name, section]),
      [
        ['beat', 'Drums'],
        ['zap', undefined],
        ['packaged_task', undefined],
      ],
    );
  });

  test('of ftask fits 80 columns, its options under headings', async (context) => {
    const {stdout} = await project(context).run(['--help']);
    for (const heading of ['Host options', 'Run options', 'Output options', 'Other options', 'Exit codes']) {
      assert.match(stdout, new RegExp(`^${heading}:$`, 'm'));
    }
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });

  test('a command of ftask is two words, too, under its own heading', async (context) => {
    const {packaged_task} = await import('../fixtures/cli/packaged-tasks.ts');
    const loadCommands = async () => ({lab_serve: packaged_task});
    const here = new FakeProject(context, {'tasks.ts': TASKS}, {loadCommands});
    assert.match((await here.run(['--list'])).stdout, /ftask itself:\n {2}lab_serve/);
    assert.equal((await here.run(['lab', 'serve'])).stdout, 'packaged\n');
  });

  test('--version prints the version alone', async (context) => {
    assert.equal((await project(context).run(['--version'])).stdout, '1.2.3\n');
  });
});

describe('signals', () => {
  const WAIT = `
    import {task, z} from 'ftask';
    export const wait = task({summary: 'Wait.', options: z.object({}), run: async (_, ctx) => {
      ctx.undo.push('freeze', async () => ctx.progress.note('thawed'));
      globalThis.ftaskWaits?.();
      await ctx.clock.sleep(60_000, ctx.signal);
    }});
    export const after = task({summary: 'After.', options: z.object({}), run: async () => ['after']});
    export const stuck = task({summary: 'Never settles by itself.', options: z.object({}), run: async () => {
      globalThis.ftaskWaits?.();
      await new Promise((resolve) => { globalThis.ftaskSettles = resolve; });
    }});
  `;
  const hooks = globalThis as {ftaskWaits?: () => void; ftaskSettles?: () => void};
  const waiting = () => new Promise<void>((resolve) => (hooks.ftaskWaits = resolve));

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`${signal} stops the line, undoes what is half done and exits ${code}`, async (context) => {
      const here = new FakeProject(context, {'tasks.ts': WAIT});
      const started = waiting();
      const running = here.run(['wait', 'after', '--keep-going']);
      await started;
      here.signal(signal);
      const {exit, stdout, stderr} = await running;
      assert.equal(exit, code);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`${signal}: stopping and cleaning up`));
      assert.match(stderr, /thawed/);
      assert.match(stderr, /wait: interrupted in \d+\.\d s/);
      assert.match(stderr, /after: not run/);
      assert.deepEqual(here.exitedWith, []);
    });
  }

  test('the second signal ends the process at once', async (context) => {
    const here = new FakeProject(context, {'tasks.ts': WAIT});
    const started = waiting();
    const running = here.run(['stuck']);
    await started;
    here.signal('SIGINT');
    assert.deepEqual(here.exitedWith, []);
    here.signal('SIGINT');
    assert.deepEqual(here.exitedWith, [130]);
    hooks.ftaskSettles?.();
    assert.equal((await running).exit, 130);
  });
});
