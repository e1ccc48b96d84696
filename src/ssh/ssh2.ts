/** The library that speaks SSH, loaded when the first connection is made. */

export type Ssh2 = typeof import('ssh2');

let loaded: Promise<Ssh2> | undefined;

/** Loads ssh2, once. */
export function loadSsh2(): Promise<Ssh2> {
  loaded ??= import('ssh2').then((module) => module.default);
  return loaded;
}
