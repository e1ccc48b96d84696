/** The namespaces that a lab's keeper is in: all that it mounts and starts ends with it. */

/** How the keeper's mounts are kept from the machine's. */
export type Propagation = 'private' | 'unchanged';

/** The options of unshare(1). */
export function keeperNamespaces(propagation: Propagation): string[] {
  return [
    ...['--mount', '--propagation', propagation],
    ...['--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
  ];
}
