/** What every host does, whatever carries it. The host must be this machine: its processes and files are looked at. */
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {chmodSync, mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer, text} from 'node:stream/consumers';
import {pipeline} from 'node:stream/promises';
import {after, describe, test} from 'node:test';
import {UsageError} from '../../src/errors.ts';
import {argv, sh, shellText} from '../../src/host/command.ts';
import type {HostSettings} from '../../src/host/exec/host-settings.ts';
import {CommandFailed, CommandInterrupted, CommandTimedOut} from '../../src/host/failures.ts';
import type {Host} from '../../src/host/host.ts';
import {Secret} from '../../src/secret.ts';
import {failureOf} from './failure-of.ts';
import {ownSeconds, processesWith, sleepers, untilAsleep} from './processes.ts';

/** Makes a host with these settings on top of the suite's own. Called within the suite, many times. */
export type MakeHost = (settings: HostSettings) => Promise<Host>;

export interface Traits {
  /** Commands may have a terminal. */
  readonly hasTerminals: boolean;
  /** It tells which signal ended a command. */
  readonly tellsSignals: boolean;
}

const RUN: HostSettings = {signal: new AbortController().signal, timeoutMs: 60_000, graceMs: 500};

const HARD_WORDS = [
  '',
  ' ',
  "it's",
  '"double"',
  '$HOME `id` $(id)',
  '*',
  '~',
  'a=b',
  '-n',
  '\\',
  "\\'",
  'two\nlines\n',
  '\ttab\r',
  '!event',
  '{a,b}',
  '#',
  'é€😀',
  '\x01\x7f',
];

/** The suite. */
export function hostContract(name: string, makeHost: MakeHost, {hasTerminals, tellsSignals}: Traits): void {
  const make = (settings: Partial<HostSettings> = {}) => makeHost({...RUN, ...settings});

  describe(`${name}: run`, () => {
    test('gives both outputs apart, the exit code and the time', async () => {
      const host = await make();
      const result = await host.run(sh`echo out; echo err >&2; exit 3`, {accept: [0, 3]});
      const {seconds, ...rest} = result;
      assert.deepEqual(rest, {
        host: host.name,
        command: 'echo out; echo err >&2; exit 3',
        stdout: 'out\n',
        stderr: 'err\n',
        code: 3,
        signal: null,
      });
      assert.ok(seconds >= 0);
    });

    test('throws on a code that is not accepted, with the result and the last ten lines', async () => {
      const host = await make();
      const error = await failureOf(host.run(sh`seq 1 20; echo why >&2; exit 4`));
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.code, 'CommandFailed');
      assert.equal(error.result.code, 4);
      assert.match(error.result.stdout, /^1\n2\n/);
      const [first, ...lines] = error.message.split('\n');
      assert.equal(first, `${host.name}: seq 1 20; echo why >&2; exit 4: exit code 4`);
      assert.deepEqual(
        lines,
        [12, 13, 14, 15, 16, 17, 18, 19, 20, 'why'].map((line) => `  ${line}`),
      );
    });

    test('takes any exit code when any is accepted', async () => {
      const host = await make();
      assert.equal((await host.run(['sh', '-c', 'exit 255'], {accept: 'any'})).code, 255);
    });

    test('tells the signal that ended a command', {
      skip: tellsSignals ? false : 'it hears no signals',
    }, async () => {
      const error = await failureOf((await make()).run(sh`kill -TERM $$`, {accept: 'any'}));
      assert.ok(error instanceof CommandFailed);
      assert.deepEqual([error.result.code, error.result.signal], [null, 'TERM']);
    });

    test('hands every word over as it is', async () => {
      const result = await (await make()).run(argv('printf', '%s\\0', ...HARD_WORDS));
      assert.deepEqual(result.stdout.split('\0').slice(0, -1), HARD_WORDS);
    });

    test('hands the environment over as it is, secrets too', async () => {
      const env = Object.fromEntries(HARD_WORDS.map((word, index) => [`W${index}`, word]));
      const secrets = Object.fromEntries(HARD_WORDS.map((word, index) => [`S${index}`, new Secret(word)]));
      const names = [...Object.keys(env), ...Object.keys(secrets)];
      const print = shellText(names.map((key) => `printf '%s\\0' "$${key}"`).join('; '));
      const result = await (await make({env: {W0: 'of the host'}})).run(print, {env: {...env, ...secrets}});
      assert.deepEqual(result.stdout.split('\0').slice(0, -1), [...HARD_WORDS, ...HARD_WORDS]);
    });

    test('runs in the folder with the umask', async () => {
      const folder = openFolder("ft 'q' \n$x");
      const result = await (await make()).run(sh`pwd; umask`, {cwd: folder, umask: 0o027});
      assert.equal(result.stdout, `${folder}\n0027\n`);
    });

    test('does not run in another folder when its own is missing', async () => {
      const host = await make();
      const error = await failureOf(host.run(sh`echo ran`, {cwd: '/no/such', accept: 'any'}));
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.code, 'NoFolder');
      assert.equal(error.result.stdout, '');
      assert.match(error.message, /no folder \/no\/such/);
    });

    test('tells a mistake in shell text, and a name that cannot be set, as a failure of the command', async () => {
      const host = await make();
      for (const [text, env] of [
        ["echo 'unclosed", {}],
        ['readonly A; export A=2', {A: '1'}],
      ] as const) {
        const error = await failureOf(host.run(shellText(text), {env}));
        assert.ok(error instanceof CommandFailed);
        assert.equal(error.code, 'CommandFailed');
        assert.notEqual(error.result.stderr, '');
      }
    });

    test('gives the command its input, of any kind, and none by default', async () => {
      const host = await make();
      const bytes = randomBytes(300_000);
      const sent = [
        bytes,
        'text',
        new Secret('secret'),
        Readable.from([Buffer.from('two '), Buffer.from('parts')]),
      ];
      const sizes = [];
      for (const stdin of [...sent, undefined]) {
        const {stdout} = await host.run(sh`wc -c`, stdin === undefined ? {} : {stdin});
        sizes.push(Number(stdout));
      }
      assert.deepEqual(sizes, [300_000, 4, 6, 9, 0]);
    });

    test('does not mind a command that leaves its input unread', async () => {
      const result = await (await make()).run(sh`exec 0<&-; echo done`, {stdin: randomBytes(5_000_000)});
      assert.equal(result.stdout, 'done\n');
    });

    test('fails with the error of an input that breaks, and ends the command', async () => {
      const mark = ownSeconds();
      const broken = new Readable({read() {}});
      const running = failureOf((await make()).run(sh`cat & sleep ${mark}; wait`, {stdin: broken}));
      await untilAsleep(mark);
      broken.destroy(new Error('the disk is gone'));
      assert.equal((await running).message, 'the disk is gone');
      assert.deepEqual(sleepers(mark), []);
    });

    test('keeps the last bytes of much output, and says so', async () => {
      const {stdout} = await (await make()).run(sh`seq 1 200000`, {keepBytes: 1000});
      assert.equal(stdout.length, '[1287895 bytes before this were not kept]\n'.length + 1000);
      assert.match(stdout, /^\[1287895 bytes before this were not kept\]\n[\d\n]+\n200000\n$/);
    });

    test('tells lines as they come, whole and in order', async () => {
      const lines: string[] = [];
      const script = sh`printf 'ö\r\n'; printf '10%%\r50%%\r100%%\n'; printf err >&2; sleep 0.1; printf last`;
      await (await make()).run(script, {onLine: (line, from) => void lines.push(`${from} ${line}`)});
      assert.deepEqual(lines.sort(), ['stderr err', 'stdout 100%', 'stdout last', 'stdout ö']);
    });

    test('holds the command back while a line is worked on', async () => {
      const folder = openFolder('ftask-slow-');
      let isFirst = true;
      let wasDone = true;
      const host = await make();
      await host.run(sh`head -c 50000000 /dev/zero | tr '\\0' x | fold -w 10000; touch ${folder}/done`, {
        keepBytes: 10,
        onLine: async () => {
          if (!isFirst) return;
          isFirst = false;
          wasDone = (await host.run(sh`sleep 1; ls ${folder}`)).stdout !== '';
        },
      });
      assert.equal(wasDone, false);
    });

    test('fails with what the listener throws, and ends the command', async () => {
      const mark = ownSeconds();
      const onLine = () => {
        throw new Error('enough');
      };
      const error = await failureOf((await make()).run(sh`echo one; sleep ${mark}`, {onLine}));
      assert.equal(error.message, 'enough');
      assert.deepEqual(sleepers(mark), []);
    });

    test('hides secrets in lines and errors, not in the output of a success', async () => {
      const host = await make();
      const env = {PASS: new Secret('s3cret-värde')};
      const lines: string[] = [];
      const onLine = (line: string) => void lines.push(line);
      const {stdout} = await host.run(sh`echo "$PASS"`, {env, onLine});
      assert.equal(stdout, 's3cret-värde\n');
      const script = sh`printf s3cret; sleep 0.05; echo -värde; echo "$PASS" | base64; echo "$PASS" >&2; exit 1`;
      const error = await failureOf(host.run(script, {env, onLine}));
      assert.ok(error instanceof CommandFailed);
      const told = [error.message, JSON.stringify(error.result), ...lines].join('\n');
      assert.doesNotMatch(told, /s3cret-v|czNjcmV0/);
      assert.match(told, /\*{8}/);
    });

    test('shows no secret in any process list', async () => {
      const mark = ownSeconds();
      const env = {PASS: new Secret('unseen-by-ps')};
      const running = (await make()).run(sh`head -1; sleep ${mark}`, {
        env,
        stdin: new Secret('unseen-too\n'),
        timeoutMs: 1500,
      });
      const failure = failureOf(running);
      await untilAsleep(mark);
      assert.deepEqual([...processesWith('unseen-by-ps'), ...processesWith('unseen-too')], []);
      assert.ok((await failure) instanceof CommandTimedOut);
    });

    test('runs many commands at once without mixing them up', async () => {
      const host = await make();
      const numbers = Array.from({length: 20}, (_, index) => `${index}`);
      const results = await Promise.all(
        numbers.map((number) => host.run(sh`echo ${number}; cat`, {stdin: number})),
      );
      assert.deepEqual(
        results.map(({stdout}) => stdout),
        numbers.map((number) => `${number}\n${number}`),
      );
    });

    test('refuses what no command line can hold, before anything is sent', async () => {
      const host = await make();
      const refused = [
        () => host.run(['echo', 'a\0b']),
        () => host.run(['echo', '\ud800']),
        () => host.run(['true'], {env: {'A-B': 'x'}}),
        () => host.run(['true'], {env: {A: new Secret('a\0b')}}),
        () => host.run(['echo', 'x'.repeat(131_072)]),
      ];
      for (const attempt of refused) assert.ok((await failureOf(attempt())) instanceof UsageError);
      assert.equal((await host.run(['echo', 'x'.repeat(130_000)])).stdout.length, 130_001);
    });

    if (hasTerminals) {
      test('gives a terminal when asked', async () => {
        const secret = 'of\x03all\x04kinds\n and long'.padEnd(5000, '.');
        const env = {A: new Secret(secret)};
        const script = sh`test -t 0 && test -t 1 && test -t 2; printf '%s' "$A" | wc -c; cat`;
        const {stdout} = await (await make()).run(script, {pty: true, env, stdin: 'typed'});
        assert.match(stdout, /^(typed)?5000\r\ntyped(typed)?$|^5000\r\ntyped$/);
      });
    } else {
      test('refuses a terminal, which it does not have', async () => {
        const error = await failureOf((await make()).run(['true'], {pty: true}));
        assert.ok(error instanceof UsageError);
        assert.equal(error.code, 'NoTerminal');
      });
    }
  });

  describe(`${name}: ending`, () => {
    for (const pty of hasTerminals ? [false, true] : [false]) {
      const how = pty ? ' with a terminal' : '';

      test(`ends a command${how} with its children when its time is over`, async () => {
        const mark = ownSeconds();
        const script = sh`echo begun; sleep ${mark} & sh -c "sleep ${mark}; :"`;
        const error = await failureOf((await make()).run(script, {timeoutMs: 1000, pty}));
        assert.ok(error instanceof CommandTimedOut);
        assert.equal(error.result.stdout.trim(), 'begun');
        assert.equal(error.ending.how, 'TERM');
        assert.match(error.message, /not done after 1 s; ended by TERM on the host/);
        assert.deepEqual(sleepers(mark), []);
      });

      test(`forces a command${how} that ignores TERM`, async () => {
        const mark = ownSeconds();
        const script = sh`trap '' TERM HUP; sleep ${mark}; sleep ${mark}; sleep ${mark}`;
        const error = await failureOf((await make()).run(script, {timeoutMs: 800, pty}));
        assert.ok(error instanceof CommandTimedOut);
        assert.equal(error.ending.how, 'KILL');
        assert.deepEqual(sleepers(mark), []);
      });
    }

    test('ends a command whose process that was started first is gone', async () => {
      const mark = ownSeconds();
      const error = await failureOf((await make()).run(sh`sleep ${mark} & exit`, {timeoutMs: 800}));
      assert.ok(error instanceof CommandTimedOut);
      assert.deepEqual(sleepers(mark), []);
    });

    test('ends a command that was stopped', async () => {
      const mark = ownSeconds();
      const error = await failureOf(
        (await make()).run(sh`sleep ${mark} & kill -STOP $! ; wait`, {timeoutMs: 800}),
      );
      assert.ok(error instanceof CommandTimedOut);
      assert.equal(error.ending.how, 'TERM');
      assert.deepEqual(sleepers(mark), []);
    });

    for (const whose of ['run', 'command'] as const) {
      test(`ends a command when the signal of the ${whose} aborts`, async () => {
        const mark = ownSeconds();
        const abort = new AbortController();
        const {signal} = abort;
        const host = await make(whose === 'run' ? {signal} : {});
        const running = failureOf(host.run(sh`sleep ${mark}`, whose === 'run' ? {} : {signal}));
        await untilAsleep(mark);
        abort.abort();
        const error = await running;
        assert.ok(error instanceof CommandInterrupted);
        assert.equal(error.ending.how, 'TERM');
        assert.deepEqual(sleepers(mark), []);
      });
    }

    test('starts nothing when the run is over already', async () => {
      const host = await make({signal: AbortSignal.abort()});
      const error = await failureOf(host.run(sh`echo ran`));
      assert.ok(error instanceof CommandInterrupted);
      assert.equal(error.result.stdout, '');
    });

    test('takes something back even when the run is over', async () => {
      const host = await make({signal: AbortSignal.abort()});
      assert.equal((await host.run(sh`echo back`, {undoes: true})).stdout, 'back\n');
    });
  });

  describe(`${name}: stream`, () => {
    test('moves bytes both ways', async () => {
      const bytes = randomBytes(3_000_000);
      const {stdin, stdout, stderr, result} = await (await make()).stream(sh`cat; echo note >&2; exit 5`, {
        accept: [5],
      });
      const [, echoed, note] = await Promise.all([
        pipeline(Readable.from([bytes]), stdin),
        buffer(stdout),
        text(stderr),
      ]);
      assert.ok(bytes.equals(echoed));
      assert.equal(note, 'note\n');
      const {code, stdout: kept} = await result;
      assert.deepEqual([code, kept], [5, '']);
    });

    test('has a result that rejects when the command fails', async () => {
      const {stdout, stderr, result} = await (await make()).stream(sh`exit 6`);
      stdout.resume();
      stderr.resume();
      const error = await failureOf(result);
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.result.code, 6);
    });

    test('is ended on request, and tells how', async () => {
      const mark = ownSeconds();
      const running = await (await make()).stream(sh`sleep ${mark}`);
      running.stdout.resume();
      running.stderr.resume();
      await untilAsleep(mark);
      assert.equal((await running.end()).how, 'TERM');
      assert.ok((await failureOf(running.result)) instanceof CommandInterrupted);
      assert.equal((await running.end()).how, 'TERM');
      assert.deepEqual(sleepers(mark), []);
    });

    test('has nothing to end once the command is done', async () => {
      const running = await (await make()).stream(['true']);
      running.stdout.resume();
      running.stderr.resume();
      await running.result;
      assert.equal((await running.end()).how, 'gone');
    });
  });
}

/** A folder that the host's user may use, too. */
function openFolder(prefix: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  after(() => rmSync(folder, {recursive: true}));
  chmodSync(folder, 0o777);
  return folder;
}
