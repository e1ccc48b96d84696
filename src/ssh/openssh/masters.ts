/** All connections of a run that the program ssh holds. */
import type {SshSettings} from '../settings.ts';
import {ControlFolder} from './control-folder.ts';
import {startMaster} from './master.ts';
import {Questions, type QuestionsOptions} from './questions.ts';
import type {SharedConnection} from './shared-connection.ts';

export interface MastersOptions extends Partial<QuestionsOptions> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface MasterWay {
  /** The connection that it goes through. */
  readonly bastion?: SharedConnection | undefined;
  /** May be given the login password. */
  readonly isHost: boolean;
}

export class Masters {
  readonly #options: MastersOptions;
  readonly #folder = new ControlFolder();
  #questions: Promise<Questions> | undefined;

  constructor(options: MastersOptions) {
    this.#options = options;
  }

  /** Has ssh connect to a host. @throws what startMaster throws */
  async start(settings: SshSettings, way: MasterWay, signal: AbortSignal): Promise<SharedConnection> {
    const {env, ask, password} = this.#options;
    const options = {
      path: await this.#folder.nextSocket(),
      env,
      hasPassword: way.isHost && password !== undefined,
      ...(way.bastion && {bastion: way.bastion}),
    };
    if (!ask) return startMaster(settings, options, signal);
    this.#questions ??= this.#folder
      .path()
      .then((folder) => Questions.open(folder, {ask, ...(password && {password})}));
    const {program} = await this.#questions;
    return startMaster(settings, {...options, askpass: program}, signal);
  }

  /** Removes what lies in files. The connections are closed by their owner before. May be called twice. */
  async close(): Promise<void> {
    (await this.#questions?.catch(() => undefined))?.close();
    await this.#folder.remove();
  }
}
