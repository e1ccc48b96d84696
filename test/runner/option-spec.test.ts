import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {z} from 'zod';
import {duration, keyValues, list, positional, regions} from '../../src/runner/option.ts';
import {kebabCase, optionSpecs} from '../../src/runner/option-spec.ts';

describe('optionSpecs', () => {
  test('reads kinds, defaults and texts through optional, default and refinements', () => {
    const specs = optionSpecs(
      z.object({
        timeoutMs: duration('How long.').default(90_000),
        size: z.number().min(1).describe('How big.').optional(),
        tone: z.enum(['kind', 'gruff']).default('kind'),
        either: z.union([z.literal('a'), z.literal('b')]),
        all: list(z.enum(['x', 'y'])).refine(() => true),
        tag: keyValues('Tags.'),
        region: regions(),
        what: positional(z.string(), 'WHAT'),
      }),
    );
    const brief = specs.map(({key, kind, fallback, required}) => [key, kind, fallback, required]);
    assert.deepEqual(brief, [
      ['timeoutMs', 'duration', '1m30s', false],
      ['size', 'number', undefined, false],
      ['tone', 'choice', 'kind', false],
      ['either', 'choice', undefined, true],
      ['all', 'list', undefined, false],
      ['tag', 'map', undefined, false],
      ['region', 'text', undefined, false],
      ['what', 'text', undefined, true],
    ]);
    const [timeout, size, , either, all, , region, what] = specs;
    assert.equal(timeout?.name, 'timeout-ms');
    assert.equal(timeout?.text, 'How long.');
    assert.equal(size?.text, 'How big.');
    assert.deepEqual(either?.choices, ['a', 'b']);
    assert.deepEqual(all?.choices, ['x', 'y']);
    assert.deepEqual(region?.aliases, ['region-name']);
    assert.equal(what?.positional, true);
  });

  test('survives JSON, so that it can be cached', () => {
    const specs = optionSpecs(z.object({a: list(z.number()), b: duration().default(1)}));
    assert.deepEqual(JSON.parse(JSON.stringify(specs)), specs);
  });
});

for (const [key, typed] of [
  ['dryRun', 'dry-run'],
  ['sizeGiB', 'size-gi-b'],
  ['tag_name', 'tag-name'],
] as const) {
  test(`${key} is typed --${typed}`, () => assert.equal(kebabCase(key), typed));
}
