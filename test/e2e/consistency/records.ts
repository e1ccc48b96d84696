/** An application that never lies: it tells of a record when all its files hold it, so a backup must hold it, too. */

/**
 * A Perl program (perl-base is on every Debian) of FILE..., each a file that gets every record, the log first. It says a
 * record's number when all of them have it on disk, and begins a new file every 64 records, so that directories change, too.
 */
export const WRITER = `
use strict; use IO::Handle;
$| = 1;
for (my $n = 1; ; $n++) {
  my $body = "r$n" x (1 + $n % 200);
  my $line = sprintf "%d %s %d\\n", $n, $body, unpack "%32C*", $body;
  for my $name (@ARGV) {
    my $path = sprintf "%s.%06d", $name, $n / 64;
    open my $file, ">>", $path or die "$path: $!";
    syswrite($file, $line) == length $line or die "$path: $!";
    $file->sync or die "$path: $!";
    close $file;
  }
  print "$n\\n";
  select undef, undef, undef, 0.005;
}
`;

/** A Perl program of one NAME: reads its files and says the number of the last whole record; dies at the first gap or wrong sum. */
export const READER = `
use strict;
my ($name) = @ARGV; my $last = 0;
for my $path (sort glob "$name.*") {
  open my $file, "<", $path or die "$path: $!";
  while (my $line = <$file>) {
    my ($n, $body, $sum) = $line =~ /^(\\d+) (\\S+) (\\d+)\\n$/ or last;
    die "$path: $n follows $last\\n" unless $n == $last + 1;
    die "$path: $n is torn\\n" unless $body eq "r$n" x (1 + $n % 200) && $sum == unpack "%32C*", $body;
    $last = $n;
  }
}
print "$last\\n";
`;
