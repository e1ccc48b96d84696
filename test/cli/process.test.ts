import assert from 'node:assert/strict';
import {type ChildProcess, type StdioOptions, spawn} from 'node:child_process';
import {closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** A disk without room, as Linux offers one. */
const FULL = '/dev/full';
const TASKS = `
  import {task, z} from 'ftask';
  export const many = task({summary: 'Many lines.', options: z.object({}), run: async () =>
    Array.from({length: 20_000}, (_, index) => \`line \${index} of a long output\`)});
  export const wait = task({summary: 'Wait.', options: z.object({stuck: z.boolean().default(false)}), run: async ({stuck}, ctx) => {
    ctx.undo.push('freeze', async () => ctx.progress.note('thawed'));
    ctx.progress.note('waiting');
    await ctx.clock.sleep(60_000, stuck ? undefined : ctx.signal);
  }});
  const frozen = (ctx) => ctx.undo.push('freeze', async () => ctx.progress.note('thawed'));
  export const forget = task({summary: 'Forget an await.', options: z.object({deaf: z.boolean().default(false)}), run: async ({deaf}, ctx) => {
    frozen(ctx);
    Promise.reject(new Error('nobody caught me'));
    await ctx.clock.sleep(100, deaf ? undefined : ctx.signal);
    return ['done'];
  }});
  export const stuck = task({summary: 'Never end.', options: z.object({}), run: async (_, ctx) => {
    frozen(ctx);
    await new Promise(() => {});
  }});
  export const stream = task({summary: 'Stream.', options: z.object({}), output: {ownText: true}, run: async (_, ctx) => {
    for (let line = 0; line < 200_000; line += 1) await ctx.out.write(\`line \${line} of a long output\\n\`);
    ctx.progress.note(\`closed: \${ctx.out.isClosed}\`);
  }});
  export const hold = task({summary: 'Hold.', lock: true, options: z.object({}), run: async (_, ctx) => {
    ctx.progress.note('holding');
    await ctx.clock.sleep(60_000, ctx.signal);
  }});
  export const hold_on = task({summary: 'Hold.', lock: true, options: z.object({}), run: async (_, ctx) => {
    ctx.progress.note('holding');
    await ctx.clock.sleep(60_000); // Whatever the operator wants.
  }});
  export const print = task({summary: 'Print.', options: z.object({}), run: async () => {
    console.log('on', {its: 'way'});
    return ['data'];
  }});
`;

function start(context: TestContext, ...argv: string[]): ChildProcess {
  return startWith(context, ['pipe', 'pipe', 'pipe'], ...argv);
}

function startWith(context: TestContext, stdio: StdioOptions, ...argv: string[]): ChildProcess {
  return startIn(projectFolder(context), context, stdio, ...argv);
}

function projectFolder(context: TestContext): string {
  const cwd = mkdtempSync(join(tmpdir(), 'ftask-process-'));
  writeFileSync(join(cwd, 'tasks.ts'), TASKS);
  context.after(() => rmSync(cwd, {recursive: true, force: true}));
  return cwd;
}

function startIn(cwd: string, context: TestContext, stdio: StdioOptions, ...argv: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN, ...argv], {
    cwd,
    stdio,
    env: {...process.env, XDG_STATE_HOME: join(cwd, '.state')},
  });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

/** Resolves when the child has said `text` on stderr. */
function hear(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let heard = '';
    child.stderr?.on('data', (chunk) => {
      heard += chunk;
      if (heard.includes(text)) resolve();
    });
  });
}

async function read(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

describe('the process', () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`cleans up and exits ${code} on ${signal}`, async (context) => {
      const child = start(context, 'wait', '--json');
      const exit = exitOf(child);
      const stdout = read(child.stdout);
      const thawed = hear(child, 'thawed');
      await hear(child, 'waiting');
      child.kill(signal);
      await thawed;
      assert.equal(await exit, code);
      const {ok, tasks} = JSON.parse(await stdout);
      assert.deepEqual([ok, tasks[0].error.code], [false, 'Interrupted']);
    });
  }

  test('ends at once on the second signal, even if a task does not', async (context) => {
    const child = start(context, 'wait', '--stuck');
    const exit = exitOf(child);
    child.stdout?.resume();
    const told = hear(child, 'stopping and cleaning up');
    await hear(child, 'waiting');
    child.kill('SIGINT');
    await told;
    child.kill('SIGINT');
    assert.equal(await exit, 130);
  });

  test('says nothing of a reader that went away, and exits as the run ended', async (context) => {
    const child = start(context, 'many', '-q');
    const exit = exitOf(child);
    const stderr = read(child.stderr);
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.equal(await exit, 0);
    assert.equal(await stderr, '');
  });

  test('says that its output is lost on a full disk, and fails', {
    skip: !existsSync(FULL),
  }, async (context) => {
    const full = openSync(FULL, 'w');
    const child = startWith(context, ['ignore', full, 'pipe'], 'many', '-q');
    closeSync(full);
    const exit = exitOf(child);
    assert.match(await read(child.stderr), /^ftask: the output is lost: ENOSPC.*\n$/);
    assert.equal(await exit, 1);
  });

  test('does the whole job when its talk cannot be written', {skip: !existsSync(FULL)}, async (context) => {
    const full = openSync(FULL, 'w');
    const child = startWith(context, ['ignore', 'pipe', full], 'many');
    closeSync(full);
    const exit = exitOf(child);
    assert.match(await read(child.stdout), /^line 19999 /m);
    assert.equal(await exit, 0);
  });

  for (const [what, argv, code, message] of [
    ['an error that nobody caught', ['forget'], 'TaskCode', /tasks\.ts:\d+:\d+: Error: nobody caught me$/],
    ['a wait that nothing can end', ['stuck'], 'Stuck', /can no longer happen$/],
  ] as const) {
    test(`cleans up after ${what}, and tells it as the failure of the task`, async (context) => {
      const child = start(context, ...argv, '--json');
      const exit = exitOf(child);
      const stderr = read(child.stderr);
      const {tasks, error} = JSON.parse(await read(child.stdout));
      assert.deepEqual([await exit, tasks[0].error.code, error], [1, code, null]);
      assert.match(tasks[0].error.message, message);
      assert.match(await stderr, /^thawed$/m);
    });
  }

  test('tells an error that nobody caught even if the task ends well', async (context) => {
    const child = start(context, 'forget', '--deaf', '--json');
    const exit = exitOf(child);
    child.stderr?.resume();
    const {tasks, error} = JSON.parse(await read(child.stdout));
    assert.deepEqual([await exit, tasks[0].status, error.code], [1, 'done', 'TaskCode']);
  });

  test('keeps stdout for data: what a task prints with console is talk', async (context) => {
    const child = start(context, 'print');
    const stderr = read(child.stderr);
    assert.equal(await read(child.stdout), 'data\n');
    assert.match(await stderr, /^on \{ its: 'way' \}$/m);
  });

  test('tells a task that streams when nobody reads any more, and runs on', async (context) => {
    const child = start(context, 'stream');
    const exit = exitOf(child);
    const stderr = read(child.stderr);
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.equal(await exit, 0);
    assert.match(await stderr, /^closed: true\nstream: done/);
  });

  test('streams all there is to a slow reader, and not faster than it reads', async (context) => {
    const child = start(context, 'stream', '-q');
    child.stderr?.resume();
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += chunk;
      if (text.length < 1_000_000) await delay(5);
    }
    assert.equal(text.split('\n').length, 200_001);
    assert.match(text, /^line 199999 of a long output\n$/m);
  });

  test('fails once, with one line, when what a task streams is lost', {
    skip: !existsSync(FULL),
  }, async (context) => {
    const full = openSync(FULL, 'w');
    const child = startWith(context, ['ignore', full, 'pipe'], 'stream', '-q');
    closeSync(full);
    const exit = exitOf(child);
    assert.match(await read(child.stderr), /^ftask: the output is lost: ENOSPC.*\n$/);
    assert.equal(await exit, 1);
  });

  test('that holds a lock refuses another; killed, it leaves the lock to the next', async (context) => {
    const cwd = projectFolder(context);
    const pipes = ['ignore', 'pipe', 'pipe'] as const;
    const first = startIn(cwd, context, [...pipes], 'hold', '--set', 'TOKEN=hunter2');
    await hear(first, 'holding');
    const second = startIn(cwd, context, [...pipes], 'hold');
    const refused = exitOf(second);
    const why = await read(second.stderr);
    assert.equal(await refused, 4);
    const told = new RegExp(
      `^ftask: hold is running already: .*, process ${first.pid} since .*: ftask hold --set TOKEN=\\.\\.\\.\n`,
    );
    assert.match(why, told);
    const gone = exitOf(first);
    first.kill('SIGKILL');
    await gone;
    const third = startIn(cwd, context, [...pipes], 'hold');
    await Promise.all([hear(third, 'is gone; taken over'), hear(third, 'holding')]);
    const stopped = exitOf(third);
    third.kill('SIGINT');
    assert.equal(await stopped, 130);
    assert.deepEqual(readdirSync(join(cwd, '.state/ftask/locks')), []);
  });

  test('gives its lock back on the second Ctrl-C, too', async (context) => {
    const cwd = projectFolder(context);
    const child = startIn(cwd, context, ['ignore', 'pipe', 'pipe'], 'hold_on');
    const exit = exitOf(child);
    const told = hear(child, 'stopping and cleaning up');
    await hear(child, 'holding');
    child.kill('SIGINT');
    await told;
    child.kill('SIGINT');
    assert.equal(await exit, 130);
    assert.deepEqual(readdirSync(join(cwd, '.state/ftask/locks')), []);
  });

  test('writes all of its output before it ends', async (context) => {
    const child = start(context, 'many', '--json');
    const exit = exitOf(child);
    child.stderr?.resume();
    const {tasks} = JSON.parse(await read(child.stdout));
    assert.equal(tasks[0].result.length, 20_000);
    assert.equal(await exit, 0);
  });
});
