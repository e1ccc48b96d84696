/** The tasks of a module, by name. */
import {isTask, type Task} from './task.ts';

/**
 * The tasks among a module's exports; whatever else it exports is ignored. What a CommonJS module
 * exports arrives as the one export `default`, and so may an object that holds tasks.
 */
export function collectTasks(module: object): Map<string, Task> {
  const tasks = new Map<string, Task>();
  const {default: inner, ...named} = module as {default?: unknown};
  const nested = typeof inner === 'object' && inner !== null && !isTask(inner) ? inner : {};
  for (const [name, value] of Object.entries({...nested, ...named})) {
    if (isTask(value)) tasks.set(name, value);
  }
  return tasks;
}
