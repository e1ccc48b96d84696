/** What main.ts hands to the command line, so that it needs to know nothing but the runner. */
import type {RunContext} from '../runner/task.ts';
import type {HostNames} from './completion/complete.ts';
import type {CoreOptions} from './core-options.ts';

export interface Wiring {
  readonly version: string;
  /** Where ftask is installed: errors born there are ftask's own. */
  readonly root: string;
  /** Files whose content changes when ftask does; the cache goes by them. */
  readonly installation: readonly string[];
  /** False when running from the sources, which change more often than any version. */
  readonly isCached: boolean;
  /** The modules that a task file may import, as URLs of the running installation. */
  readonly modules: Readonly<Record<'ftask' | 'ftask/tasks', string>>;
  /** The tasks that are there beside any task file's. */
  loadCommands(): Promise<object>;
  /** Hosts and roles by the names that configuration files give them; for completion, so it must be quick. */
  hostNames(core: CoreOptions): Promise<HostNames>;
  /** Called once, right before the first task runs. */
  createContext(run: RunContext, core: CoreOptions): Promise<RunContext & {close(): Promise<void>}>;
}
