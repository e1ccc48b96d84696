/** The keys of a whole run: each file is read once, each passphrase asked once, each agent listed once. */
import type {BaseAgent, ParsedKey} from 'ssh2';
import {loadSsh2} from '../ssh2.ts';
import {type Ask, type KeyFile, readKeyFile} from './key-file.ts';

export interface Agent {
  readonly socket: string;
  readonly keys: readonly ParsedKey[];
  sign(key: ParsedKey, data: Buffer, hash: Hash | undefined): Promise<Buffer>;
}

export type Hash = 'sha1' | 'sha256' | 'sha512';

export class Keys {
  readonly #ask: Ask | undefined;
  readonly #note: (text: string) => void;
  readonly #files = new Map<string, Promise<KeyFile | undefined>>();
  readonly #agents = new Map<string, Promise<Agent | undefined>>();

  /** `note` is told, once each, what was passed over and why. */
  constructor(ask: Ask | undefined, note: (text: string) => void) {
    this.#ask = ask;
    this.#note = note;
  }

  /** Undefined when it cannot be read or holds no key. */
  file(path: string): Promise<KeyFile | undefined> {
    return remembered(this.#files, path, () =>
      readKeyFile(path, this.#ask).catch((error: Error) => {
        this.#note(`key ${path} is passed over: ${reason(error)}`);
        return undefined;
      }),
    );
  }

  /** The agent behind a socket; undefined when nobody answers there. */
  agent(socket: string): Promise<Agent | undefined> {
    return remembered(this.#agents, socket, () =>
      openAgent(socket).catch((error: Error) => {
        this.#note(`agent ${socket} is passed over: ${error.message}`);
        return undefined;
      }),
    );
  }
}

async function openAgent(socket: string): Promise<Agent> {
  const {createAgent} = await loadSsh2();
  const agent = createAgent(socket);
  const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
    agent.getIdentities((error, found) => (error ? reject(error) : resolve((found ?? []) as ParsedKey[])));
  });
  return {socket, keys, sign: (key, data, hash) => signWith(agent, key, data, hash)};
}

function signWith(agent: BaseAgent, key: ParsedKey, data: Buffer, hash?: Hash): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agent.sign(key, data, {hash}, (error, signature) => {
      if (error || !signature) reject(error ?? new Error('the agent did not sign'));
      else resolve(signature);
    });
  });
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function reason(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'there is no such file' : error.message;
}
