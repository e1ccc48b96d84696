/** The long way between two regions: a small Perl program that holds each packet back for as long as the link takes. */
import {arch} from 'node:os';

/** One direction of a link, as the relay sees it. */
export interface Lane {
  /** The TUN device that packets are routed to, and come back from. */
  readonly device: string;
  readonly delayMs: number;
  readonly bitsPerSecond?: number | undefined;
}

/**
 * What to start in the core's namespace: it makes the devices, says `ready` and works until its stdin ends.
 * Perl, since only what can do an ioctl gets a TUN device, and perl-base is on every Debian.
 */
export function relayCommand(lanes: readonly Lane[]): [string, ...string[]] {
  const words = lanes.map(({device, delayMs, bitsPerSecond}) =>
    [device, delayMs / 1000, bitsPerSecond ?? 0].join(','),
  );
  return ['perl', '-e', RELAY, String(CLOCK_GETTIME[arch()] ?? 0), ...words];
}

/** The number of the system call: perl-base has no monotonic clock of its own. */
const CLOCK_GETTIME: Readonly<Record<string, number>> = {x64: 228, arm64: 113, riscv64: 113};

const RELAY = String.raw`
use strict;
use warnings;
use Fcntl;

my $BACKLOG = 0.1;    # seconds of data that wait for a busy link; what comes on top is lost, as in a router
my $TUNSETIFF = 0x400454ca;
my $TUN_WITHOUT_HEADER = 0x1001;

my $clock_gettime = shift;

sub now {
  my $time = "\0" x 16;
  syscall($clock_gettime, 1, $time) == 0 or die "no monotonic clock on this architecture\n";
  my ($seconds, $nanoseconds) = unpack 'q2', $time;
  return $seconds + $nanoseconds / 1e9;
}

my @lanes = map {
  my ($device, $delay, $rate) = split /,/;
  sysopen my $tun, '/dev/net/tun', O_RDWR | O_NONBLOCK or die "/dev/net/tun: $!\n";
  my $request = pack 'Z16 s x22', $device, $TUN_WITHOUT_HEADER;
  ioctl $tun, $TUNSETIFF, $request or die "$device: $!\n";
  {tun => $tun, delay => $delay, rate => $rate, free => 0, queue => []}
} @ARGV;
now();
syswrite STDOUT, "ready\n";

my $watched = '';
vec($watched, fileno $_, 1) = 1 for \*STDIN, map { $_->{tun} } @lanes;

while (1) {
  my ($next) = sort { $a <=> $b } map { $_->{queue}[0] ? $_->{queue}[0][0] : () } @lanes;
  my $wait = defined $next ? $next - now() : undef;
  select my $readable = $watched, undef, undef, defined $wait && $wait < 0 ? 0 : $wait;
  exit if vec $readable, fileno STDIN, 1;
  for my $lane (@lanes) {
    take($lane) if vec $readable, fileno $lane->{tun}, 1;
    my ($queue, $now) = ($lane->{queue}, now());
    syswrite $lane->{tun}, (shift @$queue)->[1] while @$queue && $queue->[0][0] <= $now;
  }
}

sub take {
  my $lane = shift;
  for (1 .. 64) {
    sysread $lane->{tun}, my $packet, 65536 or return;
    my $now = now();
    my $start = $lane->{free} > $now ? $lane->{free} : $now;
    next if $start - $now > $BACKLOG;
    $lane->{free} = $start + ($lane->{rate} && 8 * length($packet) / $lane->{rate});
    push @{$lane->{queue}}, [$lane->{free} + $lane->{delay}, $packet];
  }
}
`;
