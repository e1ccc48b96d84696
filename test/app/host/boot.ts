/** How a host comes up: a script that puts its filesystem together in namespaces of its own and becomes systemd. */

/** The arguments of `unshare`: for the host of the folder `stage`, whose processes are in the control group `group`. */
export function bootArguments(stage: string, group: string): string[] {
  return [...NAMESPACES, 'sh', '-euc', BOOT, 'boot', stage, group];
}

const MOUNTS = ['--mount', '--propagation', 'unchanged'];
const NAMESPACES = [...MOUNTS, '--pid', '--uts', '--ipc', '--net', '--fork', '--kill-child=SIGKILL'];

/** In a chroot, whose `/` is no mount point, what is mounted there cannot be told to keep to itself. */
const KEEP_TO_ITSELF = 'mount --make-rprivate / 2>/dev/null || true';

/**
 * Says its process id first. In the control group's own namespace systemd sees that group alone. What Debian's units
 * would start is not wanted by its targets: it is for machines, and some of it changes the kernel's settings.
 */
const BOOT = String.raw`
read -r pid _ </proc/self/stat
echo "pid $pid"
cd "$1"
${KEEP_TO_ITSELF}
mount -t cgroup2 cgroup2 cgroup
mkdir "cgroup/$2"
echo 0 >"cgroup/$2/cgroup.procs"
umount cgroup
exec unshare --cgroup sh -euc '
mount --bind root root
cd root
mount --bind /usr usr
mount -o remount,bind,ro usr
if [ -n "$(ls ../hidden/bin)" ]; then mount -t overlay -o ro,lowerdir=../hidden:/usr overlay usr; fi
mount --bind ../local usr/local
for unit in basic local-fs multi-user sockets sysinit timers; do
  wants=usr/lib/systemd/system/$unit.target.wants
  [ ! -d $wants ] || mount -t tmpfs -o ro tmpfs $wants
done
mount -t tmpfs -o ro tmpfs usr/lib/systemd/system-generators
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o nosuid,mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
  : >dev/$device
  mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs dev/shm
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs run
hostname "$(cat etc/hostname)"
exec env -i container=ftask PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  chroot . /lib/systemd/systemd --system --unit=multi-user.target --show-status=0 --log-target=null'
`;

/** The arguments of `unshare` that remove a host's control group, whose processes have ended. */
export function forgetArguments(stage: string, group: string): string[] {
  return [...MOUNTS, 'sh', '-euc', FORGET, 'forget', stage, group];
}

const FORGET = `
${KEEP_TO_ITSELF}
mount -t cgroup2 cgroup2 "$1/cgroup"
[ ! -d "$1/cgroup/$2" ] || find "$1/cgroup/$2" -depth -type d -exec rmdir {} +
`;
