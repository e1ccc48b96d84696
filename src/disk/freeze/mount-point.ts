/** A mount point as one word: the kernel's own spelling. */

/** As it stands in mountinfo, proc_pid_mountinfo(5); the shell's `printf %b` undoes it. */
export function escapedMountPoint(path: string): string {
  return path.replaceAll(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
