/** What the kernel's loop driver is told. Perl does it: it has ioctl, and is on every Debian; losetup cannot say the half of it. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {type FileHandle, open} from 'node:fs/promises';
import {text} from 'node:stream/consumers';
import {ENVIRONMENT, ProgramFailed, run} from '../run.ts';

/** A loop device that shows a file, held open. */
interface Bound {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** As long as it is open, the device stays. */
  readonly handle: FileHandle;
}

interface Binding {
  readonly file: string;
  /** What the device is known by, from any namespace and when the file is gone: up to 63 characters. */
  readonly name: string;
  /** Past the page cache: what is written through the device is in the file's blocks at once. */
  readonly isDirect: boolean;
}

/**
 * Shows a file as a disk. It is born with the autoclear flag and is held open by perl until we have it open, so that
 * there is no moment at which the death of a process would leave it behind.
 */
export async function bind({file, name, isDirect}: Binding): Promise<Bound> {
  const argv = ['perl', '-e', BIND, file, name, isDirect ? '1' : '0'] as const;
  const child = spawn(argv[0], argv.slice(1), {env: ENVIRONMENT, stdio: 'pipe'});
  const ended = once(child, 'close');
  // It may die before its input ends.
  child.stdin.on('error', () => {});
  const stderr = text(child.stderr);
  try {
    const said = await firstLine(child.stdout, ended);
    if (said === undefined) throw new ProgramFailed(['perl', 'bind', file], await stderr);
    const [path = '', major, minor] = said.split(' ');
    return {path, major: Number(major), minor: Number(minor), handle: await open(path, 'r')};
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** From now on every access to it fails; all that were under way have ended. Nothing happens when the device is another by now. */
export async function cutOff(path: string, name: string): Promise<void> {
  await run(['perl', '-e', CUT_OFF, path, name]);
}

/** All that are bound, with the names that they were given. */
export async function boundDevices(): Promise<{readonly path: string; readonly name: string}[]> {
  const lines = (await run(['perl', '-e', LIST])).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [path = '', name = ''] = line.split(' ');
    return {path, name};
  });
}

async function firstLine(
  stdout: NodeJS.ReadableStream,
  ended: Promise<unknown>,
): Promise<string | undefined> {
  let said = '';
  const line = new Promise<string>((resolve) => {
    stdout.setEncoding('utf8').on('data', (more: string) => {
      said += more;
      if (said.endsWith('\n')) resolve(said.trimEnd());
    });
  });
  return Promise.race([line, ended.then(() => undefined)]);
}

// The numbers are those of linux/loop.h: LOOP_CTL_GET_FREE, LOOP_CONFIGURE with a struct loop_config whose flags are
// LO_FLAGS_AUTOCLEAR and LO_FLAGS_DIRECT_IO. Where /dev is not the kernel's own, a new device has no node yet.
const BIND = `
  use strict; use Errno;
  my ($file, $name, $direct) = @ARGV;
  open my $backing, '+<', $file or die "$file: $!\\n";
  system qw(mknod /dev/loop-control c 10 237) unless -e '/dev/loop-control';
  open my $control, '+<', '/dev/loop-control' or die "/dev/loop-control: $!\\n";
  for (1 .. 100) {
    my $free = ioctl($control, 0x4C82, 0) or die "no free loop device: $!\\n";
    my ($number, $path) = ($free + 0, '/dev/loop' . ($free + 0));
    open my $sys, '<', "/sys/block/loop$number/dev" or die "/sys/block/loop$number/dev: $!\\n";
    my ($major, $minor) = split /[:\\n]/, <$sys>;
    system 'mknod', $path, 'b', $major, $minor unless -e $path;
    open my $device, '+<', $path or die "$path: $!\\n";
    my $config = pack 'L2 Q5 L4 a64 x176', fileno $backing, 0, (0) x 5, (0) x 3, 4 | ($direct && 16), $name;
    if (ioctl $device, 0x4C0A, $config) {
      $| = 1;
      print "$path $major $minor\\n";
      <STDIN>;
      exit;
    }
    $!{EBUSY} or die "$path: $!\\n"; # else somebody was faster
  }
  die "no free loop device\\n";
`;

// LOOP_GET_STATUS64 and LOOP_SET_STATUS64 with a struct loop_info64, whose lo_sizelimit leaves nothing but a first sector.
// The kernel lets end what is under way before it takes that over, but not what waits to begin: so the rest of the disk
// must stay where it is (with an offset, such a write would be acknowledged and lie elsewhere). A disk of no sector
// at all takes every write on older kernels.
const CUT_OFF = `
  use strict; use Errno;
  my ($path, $name) = @ARGV;
  open my $device, '+<', $path or die "$path: $!\\n";
  my $info = "\\0" x 232;
  ioctl $device, 0x4C05, $info or $!{ENXIO} ? exit : die "$path: $!\\n";
  exit if unpack('x56 Z64', $info) ne $name;
  substr($info, 32, 8) = pack 'Q', 512;
  ioctl $device, 0x4C04, $info or die "$path: $!\\n";
`;

const LIST = `
  use strict;
  for (glob '/sys/block/loop*/loop') {
    my $path = m{(loop\\d+)/loop} && "/dev/$1";
    my $info = "\\0" x 232;
    open my $device, '<', $path or next;
    print "$path ", unpack('x56 Z64', $info), "\\n" if ioctl $device, 0x4C05, $info;
  }
`;
