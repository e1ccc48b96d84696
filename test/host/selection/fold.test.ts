import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {expandHosts} from '../../../src/host/selection/expand.ts';
import {foldHosts} from '../../../src/host/selection/fold.ts';

describe('folded host names', () => {
  const cases: readonly [names: readonly string[], folded: string][] = [
    [[], ''],
    [['web1'], 'web1'],
    [['web1', 'db', 'web2', 'web3', 'web7'], 'web[1-3,7],db'],
    [['web10', 'web9', 'web8'], 'web[8-10]'],
    [['web08', 'web09', 'web10', 'web9'], 'web[08-10,9]'],
    [['r1n1', 'r1n2', 'r2n1', 'r2n2'], 'r[1-2]n[1-2]'],
    [['r1n1', 'r1n2', 'r2n1'], 'r1n[1-2],r2n1'],
    [['10.0.0.1', '10.0.0.2', '10.0.1.1'], '10.0.0.[1-2],10.0.1.1'],
    [['a@web1:22', 'a@web2:22', 'b@web1:22', 'a@web1:2222'], 'a@web[1-2]:22,b@web1:22,a@web1:2222'],
    [['[::1]:22', '[::2]:22'], '[::1]:22,[::2]:22'],
    [['i-0a1', 'i-0a2'], 'i-0a[1-2]'],
    [['x9999999999999999', 'x1', 'x2'], 'x9999999999999999,x[1-2]'],
  ];
  for (const [names, folded] of cases) {
    test(`${names.join(' ')} is ${folded}`, () => assert.equal(foldHosts(names), folded));
  }

  const number = fc.oneof(
    fc.nat(30).map(String),
    fc.nat(120).map((value) => String(value).padStart(2, '0')),
    fc.nat(1200).map((value) => String(value).padStart(3, '0')),
    fc.constantFrom('', '0', '00', '999999999999999', '99999999999999999'),
  );
  const part = fc.constantFrom('web', 'db-', 'n', '.', '-');
  const user = fc.constantFrom('', 'deploy@', 'user1@');
  const port = fc.constantFrom('', ':22', ':2222');
  const usual = fc
    .tuple(user, fc.array(fc.tuple(part, number), {minLength: 1, maxLength: 3}), port)
    .map(([front, pieces, back]) => `${front}x${pieces.flat().join('')}${back}`);
  const name = fc.oneof(usual, fc.constantFrom('[::1]:22', '[::2]:22', '10.0.0.1', '10.0.0.2'));

  test('mean the same hosts when they are expanded', () => {
    fc.assert(
      fc.property(fc.array(name, {maxLength: 60}), (names) => {
        assert.deepEqual(new Set(expandHosts(foldHosts(names))), new Set(names));
      }),
    );
  });

  test('are the same whatever the order, but for where a group stands', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), {minLength: 1}), (numbers) => {
        const names = numbers.map((value) => `web${value}`);
        assert.equal(foldHosts(names), foldHosts(names.toReversed()));
      }),
    );
  });
});
