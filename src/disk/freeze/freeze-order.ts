/** The order in which filesystems are frozen. */

/**
 * Steps of mount points: each comes after all that are mounted below it, so `/` is the last. What shares a step may be
 * frozen at once. A mount point that is named twice comes once.
 */
export function freezeOrder(mountPoints: readonly string[]): string[][] {
  const rest = new Set(mountPoints);
  const steps: string[][] = [];
  while (rest.size > 0) {
    const step = [...rest].filter((point) => ![...rest].some((other) => isBelow(other, point)));
    for (const point of step) rest.delete(point);
    steps.push(step);
  }
  return steps;
}

function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
