/** The process on a real terminal, which util-linux's `script` gives it. */
import assert from 'node:assert/strict';
import {type ChildProcessWithoutNullStreams, spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const skip = hasScript ? false : "no util-linux 'script' to make a terminal with";
const TASKS = `
  import {task, z} from 'ftask';
  const options = z.object({});
  export const asks = task({summary: 'Ask.', options, run: async (_, ctx) => {
    ctx.progress.group('hosts').start('web1');
    const secret = await ctx.ask('Password of web1:');
    return [\`length \${secret.reveal().length}\`];
  }});
  export const streams = task({summary: 'Stream.', options, output: {ownText: true}, run: async (_, ctx) => {
    const group = ctx.progress.group('hosts');
    for (let line = 0; line < 3000; line += 1) {
      await ctx.out.write(\`line \${line}\\n\`);
      group.update('web1', \`line \${line}\`);
      if (line % 500 === 0) await ctx.clock.sleep(120);
    }
    group.close();
  }});
  export const shell = task({summary: 'Shell.', options, run: async (_, ctx) => {
    const raw = await ctx.terminal.raw();
    await raw.write('ready> ');
    const keys = [];
    for await (const chunk of raw.input) {
      keys.push(...chunk);
      if (keys.includes(113)) break;
    }
    raw.restore();
    return [keys.join()];
  }});
`;

/** A shell on a terminal of its own that runs ftask and then says how it left the terminal. */
function startOnTerminal(context: TestContext, words: string): Session {
  const cwd = mkdtempSync(join(tmpdir(), 'ftask-pty-'));
  writeFileSync(join(cwd, 'tasks.ts'), TASKS);
  const ftask = `"${process.execPath}" --import "${import.meta.resolve('tsx')}" "${MAIN}" ${words}`;
  const child = spawn('script', ['-qec', `${ftask}; echo "exit $?"; stty -a`, '/dev/null'], {
    cwd,
    env: {...process.env, TERM: 'xterm', NO_COLOR: '1'},
  });
  context.after(() => {
    child.kill('SIGKILL');
    rmSync(cwd, {recursive: true, force: true});
  });
  return new Session(child);
}

class Session {
  seen = '';
  readonly ended: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk) => {
      this.seen += chunk;
    });
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  async hear(text: string): Promise<void> {
    while (!this.seen.includes(text)) {
      await new Promise((resolve) => this.#child.stdout.once('data', resolve));
    }
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Without what moves the cursor and erases. */
  get text(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: -- a terminal's escape sequences begin with one
    return this.seen.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
  }
}

function assertUsable({text, seen}: Session): void {
  assert.match(text, /(?<!-)\bicanon\b/);
  assert.match(text, /(?<!-)\becho\b/);
  assert.ok(seen.lastIndexOf('\u001B[?25h') >= seen.lastIndexOf('\u001B[?25l'), 'the cursor is hidden');
}

describe('on a terminal', {skip}, () => {
  test('a secret is asked for below the display, and never echoed', async (context) => {
    const session = startOnTerminal(context, 'asks');
    await session.hear('Password of web1:');
    session.type('hunter2\r');
    await session.ended;
    assert.match(session.text, /^length 7$/m);
    assert.match(session.text, /^exit 0$/m);
    assert.doesNotMatch(session.text, /hunter2/);
    assertUsable(session);
  });

  test('Ctrl-C at a question ends the run cleanly and leaves the terminal as it was', async (context) => {
    const session = startOnTerminal(context, 'asks');
    await session.hear('Password of web1:');
    session.type('hun\u0003');
    await session.ended;
    assert.match(session.text, /^asks: interrupted in/m);
    assert.match(session.text, /^exit 130$/m);
    assertUsable(session);
  });

  test('data of a task stands whole above the live display', async (context) => {
    const session = startOnTerminal(context, 'streams');
    await session.ended;
    const lines = session.text.split('\n').filter((line) => line.startsWith('line '));
    assert.deepEqual(
      lines,
      Array.from({length: 3000}, (_, line) => `line ${line}`),
    );
    assert.match(session.text, /hosts: 0 ended, 1 running/);
    assertUsable(session);
  });

  test('a shell gets each key, Ctrl-C as any other', async (context) => {
    const session = startOnTerminal(context, 'shell');
    await session.hear('ready> ');
    session.type('a\u0003q');
    await session.ended;
    assert.match(session.text, /^(ready> )?97,3,113$/m);
    assert.match(session.text, /^exit 0$/m);
    assertUsable(session);
  });
});
