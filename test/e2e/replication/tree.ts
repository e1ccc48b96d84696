/** A tree with everything in it that a copy may lose. */

/**
 * A Perl program of FOLDER COUNT: makes the tree, and that many small files; as root. What needs another program
 * (ACLs, capabilities, attributes) is on every host that ftask copies between.
 */
export const TREE = String.raw`
use strict;
my ($top, $count) = @ARGV;
umask 022;
chdir $top or die "$top: $!";

sub folder { my ($path) = @_; mkdir $path or die "$path: $!"; return $path }
sub file {
  my ($path, $content) = @_;
  open my $file, '>', $path or die "$path: $!";
  print $file $content;
  close $file or die "$path: $!";
  return $path;
}
sub must { system(@_) == 0 or die "@_: $?" }

folder 'names';
file "names/$_", "called $_" for
  "new\nline", "\nfirst", "not UTF-8 \xff\xfe\x80", "-rf", "--delete", '- left out', '+ taken', ' blanks ', "tab\t",
  '$(id)', "\x60id\x60", "'one' \"two\"", '*', '[a-z]?', '~', '#sum', "\x01\x7f", "\xc3\xbc\xe2\x82\xac", '..x', 'a\\\\b', '\\#012',
  'x' x 255;
folder "names/-folder\n\xff";
file "names/-folder\n\xff/inside", 'deep';

# What is left out at the top is not left out below it.
folder $_ for 'below', 'below/tmp', 'below/proc', 'below/root';
file "below/$_", $_ for 'tmp/kept', 'proc/kept', 'root/.bash_history';

folder $_ for 'links', 'links/deep', 'empty', 'empty/a', 'empty/a/b';
file 'links/one', 'three names';
link 'links/one', $_ or die for 'links/two', 'links/deep/three';
symlink $$_[0], $$_[1] or die for
  ['one', 'links/relative'], ['/etc/passwd', 'links/absolute'], ['nowhere', 'links/dangling'], ['loop', 'links/loop'],
  ["\xff\n", 'links/odd'], ['x' x 1000, 'links/long'];
link 'links/dangling', 'links/dangling too' or die;

folder 'kinds';
must 'mkfifo', 'kinds/fifo';
link 'kinds/fifo', 'kinds/fifo too' or die;
must 'mknod', 'kinds/null', 'c', 1, 3;
must 'mknod', 'kinds/disk', 'b', 259, 7;
must 'perl', '-MSocket', '-e', 'socket my $s, PF_UNIX, SOCK_STREAM, 0; bind $s, sockaddr_un("kinds/socket") or die $!';

folder 'rights';
my %modes = (none => 0, setuid => 04755, setgid => 02711, sticky => 01644, all => 07777, write => 0222);
for (sort keys %modes) { file "rights/$_", $_; chmod $modes{$_}, "rights/$_" or die }
chmod 02775, folder 'rights/group' or die;
chmod 01777, folder 'rights/tmp' or die;
chmod 0, folder 'rights/shut' or die;
chown 12345, 54321, file('rights/stranger', 'who'), folder('rights/strange') or die;
chown 4294967294, 4294967294, file('rights/last', 'the last id') or die;
must 'chown', '-h', '7:8', 'links/dangling';
must 'setfacl', '-m', 'u:1234:rwx,g:5678:r,m::rw', file('rights/acl', 'a list');
must 'setfacl', '-m', 'u:99:x,d:u:1234:rwx,d:g::r', folder 'rights/inherit';
file 'rights/inherit/heir', 'inherited';
must 'setcap', 'cap_net_raw,cap_sys_admin+ep', file('rights/capable', 'not a program');

folder 'attributes';
must 'setfattr', '-n', 'user.note', '-v', '0x00ff0a27', file('attributes/binary', '1');
must 'setfattr', '-n', 'user.empty', file('attributes/empty', '2');
must 'setfattr', '-n', "user.$_", '-v', 'x' x 90, 'attributes/binary' for 1 .. 4;
must 'setfattr', '-n', 'trusted.secret', '-v', 'root only', folder('attributes/folder');
symlink 'binary', 'attributes/link' or die;
must 'setfattr', '-h', '-n', 'trusted.link', '-v', 'of the link', 'attributes/link';

folder 'sparse';
for (['hole', 8 << 20, []], ['ends', 8 << 20, [0, (8 << 20) - 5]], ['islands', 6 << 20, [1 << 20, 3 << 20, 5 << 20]]) {
  my ($name, $bytes, $places) = @$_;
  open my $file, '>', "sparse/$name" or die;
  truncate $file, $bytes or die;
  for (@$places) { seek $file, $_, 0; print $file 'data!' }
  close $file or die;
}
file 'sparse/zeros', "\0" x 65_536;
file 'empty/file', '';

my $deep = 'deep';
folder $deep;
$deep = folder "$deep/" . 'd' x 60 for 1 .. 40;
file "$deep/bottom", 'here';

folder 'many';
for my $number (0 .. $count - 1) {
  my $folder = sprintf 'many/%03d', $number / 500;
  folder $folder if $number % 500 == 0;
  file sprintf('%s/%06d', $folder, $number), "$number " x ($number % 40);
}

folder 'times';
file "times/$_", $_ for 'first', 'early', 'late', 'fine';
must 'touch', '-d', '1970-01-01 00:00:01 UTC', 'times/first';
must 'touch', '-d', '1931-05-06 07:08:09 UTC', 'times/early';
must 'touch', '-d', '2037-01-01 00:00:00 UTC', 'times/late';
must 'touch', '-d', '2001-02-03 04:05:06.123456789 UTC', 'times/fine', 'many', 'empty/a';
must 'touch', '-h', '-d', '2002-02-02 02:02:02.2 UTC', 'links/relative';
`;

/** A Perl program of FOLDER SEED: changes a tree in all the ways that a second copy has to follow. */
export const CHANGES = `
use strict;
my ($top, $seed) = @ARGV;
chdir $top or die "$top: $!";
srand $seed;
sub bytes { return join '', map { chr int rand 256 } 1 .. $_[0] }
sub write_at {
  my ($mode, $path, $place, $content) = @_;
  open my $file, $mode, $path or die "$path: $!";
  seek $file, $place, 0;
  print $file $content;
  close $file or die "$path: $!";
}
mkdir 'changing';
unlink grep { rand() < 0.3 } glob 'changing/file*';
write_at '>', "changing/file$_", 0, bytes(1 + rand 5000) for map { int rand 200 } 1 .. 30;
write_at '>', 'changing/grown', 0, bytes(200_000) unless -e 'changing/grown';
write_at '+<', 'changing/grown', int rand 190_000, bytes(5000);
write_at '>', "changing/large", 0, bytes(65_536) x 40;
for (1 .. 5) {
  my ($from, $to) = map { 'changing/file' . int rand 200 } 1 .. 2;
  unlink $to;
  link $from, $to if -e $from;
}
rename 'changing/old', 'changing/older';
mkdir "changing/folder" . int rand 20;
rmdir "changing/folder" . int rand 20;
my $kind = 'changing/kind';
-d $kind ? rmdir $kind : unlink $kind;
my $next = int rand 3;
$next == 0 ? mkdir $kind : $next == 1 ? symlink('file1', $kind) : write_at('>', $kind, 0, 'a file now');
chmod 0600 + int rand 8, $_ for grep { rand() < 0.2 } glob 'changing/file*';
chown int rand 70_000, int rand 70_000, $_ for grep { rand() < 0.2 } glob 'changing/file*';
system 'setfattr', '-n', 'user.seed', '-v', $seed, 'changing/grown';
system 'setfacl', '-b', '-m', 'u:' . (1 + int rand 70_000) . ':rw', 'changing/grown';
`;
