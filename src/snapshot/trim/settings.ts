/** By what a trim decides. It goes into plan files, so it is plain JSON. */

export interface TrimSettings {
  /** The policy of lineages for which nothing else is said, as text. */
  readonly defaultPolicy: string;
  /** The policy of every lineage, whatever its tag says: a name or text, from the command line. */
  readonly policy?: string;
  /** Counts from the command line, in the place of those of any policy. */
  readonly counts: Readonly<Partial<Record<string, number>>>;
  /** Named policies, as text. */
  readonly policies: Readonly<Record<string, string>>;
  /** The key of the tag that names the policy of a lineage. */
  readonly policyTag: string;
  readonly timeZone: string;
  readonly minKeep: number;
  readonly minAgeMs: number;
  readonly maxDeletePercent: number;
  /** Snapshots with this tag count as ours, too. */
  readonly tag?: {readonly name: string; readonly value: string};
}
