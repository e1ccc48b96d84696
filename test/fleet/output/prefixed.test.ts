import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {prefixed} from '../../../src/fleet/output/prefixed.ts';
import {outlet} from './outlets.ts';

const end = (host: string) => ({host, code: 0, signal: null, seconds: 0});

describe('lines with the name of their host', () => {
  test('are never cut, whatever the pieces they come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[^\n]{0,12}$/), {maxLength: 12}),
        fc.boolean(),
        fc.integer({min: 1, max: 9}),
        async (lines, isEnded, size) => {
          const [out, err] = [outlet(), outlet()];
          const shown = prefixed({out, err}, ['web1', 'db1']);
          const text = lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '');
          const bytes = Buffer.from(text);
          for (let at = 0; at < bytes.length; at += size) {
            await shown.take('db1', 'stdout', bytes.subarray(at, at + size));
            await shown.take('web1', 'stdout', Buffer.from('x\n'));
          }
          await shown.end(end('db1'));
          await shown.end(end('web1'));
          const whole = text === '' ? [] : text.replace(/\n$/, '').split('\n');
          const own = out
            .text()
            .split('\n')
            .filter((line) => line.startsWith('db1:  '));
          assert.deepEqual(
            own,
            whole.map((line) => `db1:  ${line}`),
          );
        },
      ),
    );
  });

  test('go on as they are through a pipe, even when they are no text', async () => {
    const [out, err] = [outlet(), outlet()];
    const shown = prefixed({out, err}, ['h']);
    await shown.take('h', 'stdout', Buffer.from([0xff, 0x1b, 0x5b, 10, 0x80]));
    await shown.end(end('h'));
    assert.deepEqual(
      out.bytes(),
      Buffer.from([...Buffer.from('h: '), 0xff, 0x1b, 0x5b, 10, ...Buffer.from('h: '), 0x80, 10]),
    );
  });

  test('cannot command a terminal', async () => {
    const [out, err] = [outlet(true), outlet(true)];
    const shown = prefixed({out, err}, ['h']);
    await shown.take('h', 'stdout', Buffer.from('ok\n\u001b[31mred\u001b[0m\n\u001b]0;title\u0007x\r\n'));
    await shown.take('h', 'stderr', Buffer.from('\u202egnorw\n'));
    assert.equal(out.text(), 'h: ok\nh: red\nh: x\n');
    assert.equal(err.text(), 'h: gnorw\n');
  });

  test('are shown in pieces when they have no end', async () => {
    const [out, err] = [outlet(), outlet()];
    const shown = prefixed({out, err}, ['h']);
    for (let count = 0; count < 8; count += 1) await shown.take('h', 'stdout', Buffer.alloc(64 * 1024, 'x'));
    assert.ok(out.bytes().length > 256 * 1024);
  });
});
