import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {Conversation} from '../../../src/cli/terminal/conversation.ts';
import type {TerminalDevice} from '../../../src/cli/world.ts';
import {InterruptedError} from '../../../src/errors.ts';
import {FakeTerminal} from '../fake-terminal.ts';

interface Scene {
  readonly terminals: readonly FakeTerminal[];
  readonly yes?: boolean;
}

/** A conversation that gets the terminals one after the other, and none when there are no more. */
function open({terminals, yes = false}: Scene) {
  const left: TerminalDevice[] = [...terminals];
  const controller = new AbortController();
  const drawn = {suspended: 0};
  const conversation = new Conversation({
    world: {
      openTerminal: async () => left.shift(),
      onResize: () => () => {},
      stdout: {write: () => true, isTTY: true},
      env: {},
    },
    display: {
      suspend: () => {
        drawn.suspended += 1;
        return () => {
          drawn.suspended -= 1;
        };
      },
      settle: () => {},
    },
    flush: async () => {},
    yes,
    signal: controller.signal,
    interrupt: () => controller.abort(new InterruptedError('SIGINT')),
  });
  return {conversation, controller, drawn};
}

describe('ask', () => {
  for (const [what, typed, secret] of [
    ['what is typed up to Enter', 'hunter2\r', 'hunter2'],
    ['a line that Backspace corrected', 'hux\u007Fnter2\n', 'hunter2'],
    ['a line that Ctrl-U began anew', 'wrong\u0015right\r', 'right'],
    ['characters outside of ASCII', 'pässwörd 🔑\r', 'pässwörd 🔑'],
    ['no keys that are none', 'a\u001B[A\u001BOBb\r', 'ab'],
  ] as const) {
    test(`gives ${what}, and shows nothing of it`, async () => {
      const terminal = new FakeTerminal(typed);
      const answer = await open({terminals: [terminal]}).conversation.ask('Password of web1:');
      assert.equal(answer.reveal(), secret);
      assert.equal(terminal.seen, 'Password of web1: \n');
    });
  }

  test('gives the terminal back as it was, and the display as well', async () => {
    const terminal = new FakeTerminal();
    const {conversation, drawn} = open({terminals: [terminal]});
    const answer = conversation.ask('Password:');
    await nextTurn();
    assert.deepEqual([terminal.isRaw, drawn.suspended], [true, 1]);
    terminal.type('x\r');
    await answer;
    assert.deepEqual([terminal.isRaw, terminal.isClosed, drawn.suspended], [false, true, 0]);
  });

  test('puts one question after the other', async () => {
    const terminals = [new FakeTerminal(), new FakeTerminal('second\r')];
    const {conversation} = open({terminals});
    const both = Promise.all([conversation.ask('First:'), conversation.ask('Second:')]);
    await nextTurn();
    assert.equal(terminals[1]?.seen, '');
    terminals[0]?.type('first\r');
    assert.deepEqual(
      (await both).map((secret) => secret.reveal()),
      ['first', 'second'],
    );
  });

  test('stops the run when Ctrl-C is typed, and leaves the terminal as it was', async () => {
    const terminal = new FakeTerminal('hun\u0003');
    const {conversation, controller} = open({terminals: [terminal]});
    await assert.rejects(conversation.ask('Password:'), InterruptedError);
    assert.equal(controller.signal.aborted, true);
    assert.deepEqual([terminal.isRaw, terminal.isClosed], [false, true]);
  });

  test('ends with the run, also for the questions that wait', async () => {
    const terminals = [new FakeTerminal(), new FakeTerminal('x\r')];
    const {conversation, controller} = open({terminals});
    const asked = [conversation.ask('First:'), conversation.ask('Second:')];
    await nextTurn();
    controller.abort(new InterruptedError('SIGTERM'));
    for (const {status} of await Promise.allSettled(asked)) assert.equal(status, 'rejected');
    assert.deepEqual([terminals[0]?.isRaw, terminals[1]?.seen], [false, '']);
  });

  test('takes Ctrl-D and a terminal that is gone for no answer', async () => {
    const gone = new FakeTerminal();
    const {conversation} = open({terminals: [new FakeTerminal('\u0004'), gone]});
    await assert.rejects(conversation.ask('Password:'), {code: 'NoAnswer'});
    const asked = conversation.ask('Password:');
    gone.input.destroy();
    await assert.rejects(asked, {code: 'NoAnswer'});
  });

  test('is a usage error with a hint where nobody can type', async () => {
    const {conversation, drawn} = open({terminals: []});
    await assert.rejects(conversation.ask('Password:'), {
      code: 'NoTerminal',
      message: "cannot ask 'Password:': there is no terminal",
    });
    assert.equal(drawn.suspended, 0);
  });

  test('shows no control characters that a question brings', async () => {
    const terminal = new FakeTerminal('x\r');
    await open({terminals: [terminal]}).conversation.ask('\u001B[2J Pass\u0007word:');
    assert.equal(terminal.seen, 'Pass word: \n');
  });
});

describe('confirm', () => {
  for (const [typed, isYes] of [
    ['y\r', true],
    ['YES\r', true],
    ['\r', false],
    ['no\r', false],
    ['yo\r', false],
    ['\u0004', false],
  ] as const) {
    test(`takes ${JSON.stringify(typed)} for ${isYes ? 'yes' : 'no'}`, async () => {
      const {conversation} = open({terminals: [new FakeTerminal(typed)]});
      assert.equal(await conversation.confirm('Go on?'), isYes);
    });
  }

  test('shows what is typed', async () => {
    const terminal = new FakeTerminal('nx\u007Fo\r');
    await open({terminals: [terminal]}).conversation.confirm('Go on?');
    assert.equal(terminal.seen, 'Go on? [y/N] nx\b \bo\n');
  });

  test('asks nobody with --yes', async () => {
    assert.equal(await open({terminals: [], yes: true}).conversation.confirm('Go on?'), true);
  });
});

describe('terminal', () => {
  test('gives every key until it is restored; questions wait for that', async () => {
    const terminals = [new FakeTerminal(), new FakeTerminal('x\r')];
    const {conversation, drawn} = open({terminals});
    const raw = await conversation.terminal()?.raw();
    const asked = conversation.ask('Password:');
    terminals[0]?.type('\u0003');
    assert.equal(
      String(
        await raw?.input
          .iterator()
          .next()
          .then(({value}) => value),
      ),
      '\u0003',
    );
    assert.deepEqual([terminals[0]?.isRaw, drawn.suspended, terminals[1]?.seen], [true, 1, '']);
    raw?.restore();
    raw?.restore();
    assert.deepEqual([terminals[0]?.isRaw, drawn.suspended], [false, 0]);
    assert.equal((await asked).reveal(), 'x');
  });
});
