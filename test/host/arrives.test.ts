/** Whatever is handed over arrives as it is, through every shell. */
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, realpathSync, rmSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import fc from 'fast-check';
import {argv, sh, shellText} from '../../src/host/command.ts';
import {Secret} from '../../src/secret.ts';
import {hostWith, lacks} from './login-shells.ts';

const MARKS = [...'\'"\\$`!*?[]{}()<>|&;~#=%^+-_ \t\r\n\x01\x1b\x7fabö😀'];
const word = fc.oneof(
  fc.string({unit: fc.constantFrom(...MARKS), maxLength: 20}),
  fc.string({unit: 'binary', maxLength: 20}).map((text) => text.replaceAll('\0', '')),
);
const fileName = word
  .map((text) => text.replaceAll('/', ''))
  .filter((text) => text !== '' && !/^\.+$/.test(text) && Buffer.byteLength(text) < 200);
const words = fc.array(word, {minLength: 1, maxLength: 60});

for (const [loginShell, posixShell] of [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['zsh', 'dash'],
  ['fish', 'dash'],
] as const) {
  describe(`through ${loginShell}, then ${posixShell}`, {
    skip: lacks(loginShell) || lacks(posixShell),
  }, () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ftask-arrives-')));
    const host = hostWith(loginShell, posixShell);
    after(() => rmSync(folder, {recursive: true}));

    test('any words arrive unchanged', () =>
      holds(words, async (given) => {
        const {stdout} = await host.run(argv('printf', '%s\\0', ...given));
        assert.deepEqual(stdout.split('\0').slice(0, -1), given);
      }));

    test('any words in a piece of shell arrive unchanged', () =>
      holds(words, async ([first = '', ...rest]) => {
        const {stdout} = await host.run(sh`printf '%s\\0' ${first} x${first}y ${rest}`);
        assert.deepEqual(stdout.split('\0').slice(0, -1), [first, `x${first}y`, ...rest]);
      }));

    test('any environment arrives unchanged, secret or not', () =>
      holds(words, async (values) => {
        const plain = Object.fromEntries(values.map((value, index) => [`P${index}`, value]));
        const secret = Object.fromEntries(values.map((value, index) => [`S${index}`, new Secret(value)]));
        const env = {...plain, ...secret};
        const print = Object.keys(env).map((name) => `printf '%s\\0' "$${name}"`);
        const {stdout} = await host.run(shellText(print.join('\n')), {env});
        assert.deepEqual(stdout.split('\0').slice(0, -1), [...values, ...values]);
      }));

    test('any folder can be worked in, and any file name used', () =>
      holds(fileName, async (name) => {
        const place = mkdtempSync(join(folder, 'f'));
        await mkdir(join(place, name));
        await host.run(sh`: >${name}`, {cwd: join(place, name)});
        assert.deepEqual(readdirSync(join(place, name)), [name]);
      }));
  });
}

function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(arbitrary, check), {numRuns: 100});
}
