/** Which path of /dev is which device: names differ from host to host, the number is what counts. */

/** The nodes under /dev, links included. */
export class DeviceNodes {
  readonly #numbers = new Map<string, string>();

  /** From lines of `stat --format='%F %t:%T %n'`, which tells the number in hexadecimal digits. */
  constructor(lines: string) {
    for (const line of lines.split('\n')) {
      const [, major, minor, path] = line.match(/^block special file ([\da-f]+):([\da-f]+) (.+)$/) ?? [];
      if (major === undefined || minor === undefined || path === undefined) continue;
      this.#numbers.set(path, `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`);
    }
  }

  /** `major:minor` of the block device that a path leads to. */
  numberOf(path: string): string | undefined {
    return this.#numbers.get(path);
  }

  /** The shortest path of a device: `/dev/nvme1n1` rather than one under `/dev/disk`. */
  pathOf(number: string): string | undefined {
    const paths = [...this.#numbers].flatMap(([path, its]) => (its === number ? [path] : []));
    return paths.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
  }
}
