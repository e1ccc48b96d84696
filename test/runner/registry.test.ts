import assert from 'node:assert/strict';
import {test} from 'node:test';
import {z} from 'zod';
import {collectTasks} from '../../src/runner/registry.ts';
import {defineTask} from '../../src/runner/task.ts';

const task = defineTask({summary: 'x', options: z.object({}), run: async () => undefined});

test('only tasks are collected, in the order of their exports', () => {
  const tasks = collectTasks({b: task, text: 'no', nothing: null, like: {summary: 'x'}, a: task});
  assert.deepEqual([...tasks.keys()], ['b', 'a']);
});

test('the exports of a CommonJS module count, and so do those of a default object', () => {
  assert.deepEqual([...collectTasks({default: {a: task, b: 1}}).keys()], ['a']);
});

test('a default export that is itself a task has no name and is no task', () => {
  assert.equal(collectTasks({default: task}).size, 0);
});
