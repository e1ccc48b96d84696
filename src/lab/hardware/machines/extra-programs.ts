/** Programs that are on this machine, and so in `/usr` of every instance, although no cloud image is sure to have them. */

/** By the Debian package that brings them. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  acl: ['getfacl', 'setfacl'],
  attr: ['getfattr', 'setfattr'],
  rsync: ['rsync'],
  xfsprogs: ['mkfs.xfs', 'xfs_admin', 'xfs_growfs', 'xfs_repair'],
};

/** Those that an instance lacks, and those that come while it boots. Without user data it is one that has everything. */
export function extraPrograms(packages: readonly string[] | undefined): {
  readonly missing: readonly string[];
  readonly installed: readonly string[];
} {
  if (packages === undefined) return {missing: [], installed: []};
  const of = (isWanted: boolean) =>
    Object.entries(PROGRAMS).flatMap(([name, programs]) =>
      packages.includes(name) === isWanted ? programs : [],
    );
  return {missing: of(false), installed: of(true)};
}
