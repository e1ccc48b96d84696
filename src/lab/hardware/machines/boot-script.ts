/** How an instance comes up: a script that puts its filesystem together, and the first process in it. */

/**
 * The arguments of `sh` in the new namespaces: builds the instance's filesystem in the folder `stage` and becomes
 * the init in it. Before that its folder is a small system with `/usr` and the instance's `/dev` alone, so that the
 * root filesystem is mounted under the name that its disk has in the instance. Says its process id first.
 */
export function bootArguments(stage: string, rootNode: string): string[] {
  return ['-euc', BOOT, 'boot', stage, rootNode];
}

const BOOT = `
read -r pid _ </proc/self/stat
echo "pid $pid"
cd "$1"
mount --bind /usr usr
mount -o remount,bind,ro usr
chroot . mount -t ext4 "/dev/$2" /root
mount --bind usr root/usr
mount -o remount,bind,ro root/usr
mount --bind dev root/dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts root/dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs root/dev/shm
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs root/run
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
cp -r seed root/run/boot
exec chroot root /bin/bash /run/boot/init
`;

/**
 * The init. On stdin it is told that the network is there, then to shut down: by the end of it too, so that no
 * instance outlives its lab. It reaps what others leave behind and keeps sshd going, which may be killed.
 */
export const INIT = `
exec 3>&1 1>&2 4<&0 0</dev/null
umask 022
cd /run/boot
read -r id <id
read -r name <name
mkdir -p /run/sshd /run/lock

first_boot() {
  echo "$name" >/etc/hostname
  printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$name" >/etc/hosts
  local key=/etc/ssh/ssh_host_ed25519_key
  rm -f /etc/ssh/ssh_host_*
  if [[ -e host_key ]]; then
    install -m 600 host_key $key
    ssh-keygen -y -f $key >$key.pub || rm -f $key $key.pub
  fi
  [[ -e $key ]] || ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f $key
  install -d -o admin -g admin -m 700 /home/admin/.ssh
  install -o admin -g admin -m 600 authorized_keys /home/admin/.ssh/authorized_keys
  install -d /var/lib/cloud/data /var/lib/cloud/instance/scripts
  rm -f /var/lib/cloud/instance/scripts/part-001
  [[ ! -e script ]] || install -m 700 script /var/lib/cloud/instance/scripts/part-001
  local mount_point
  while read -r _ mount_point _; do mkdir -p "$mount_point"; done <fstab
  cat fstab >>/etc/fstab
  echo "$id" >/var/lib/cloud/data/instance-id
}

# What brings them is not installed, although they are in the /usr of this machine.
hide() {
  local layer=/run/hidden/$1 program path
  shift
  ((!$#)) && return
  mkdir -p $layer/{bin,sbin}
  for program; do
    for path in bin/$program sbin/$program; do
      [[ ! -e /usr/$path ]] || mknod $layer/$path c 0 0 # overlayfs's mark of what is deleted
    done
  done
  mount -t overlay -o ro,lowerdir=$layer:/usr overlay /usr
}

install_packages() {
  ((!$#)) && return
  sleep 1
  umount --lazy /usr
}

run_user_data() {
  local script=/var/lib/cloud/instance/scripts/part-001
  [[ ! -e $script ]] || $script >>/var/log/cloud-init-output.log 2>&1
}

cloud_init() {
  [[ $was == "$id" ]] || install_packages "\${installed[@]}"
  [[ $was == "$id" ]] || run_user_data
  touch /var/lib/cloud/instance/boot-finished
}

keep_sshd() {
  while :; do
    /usr/sbin/sshd -D -e
    sleep 0.1
  done
}

shut_down() {
  trap '' TERM
  kill -TERM -1
  local others=(/proc/[0-9]*) tries=20
  while ((\${#others[@]} > 1 && tries--)); do
    sleep 0.05
    others=(/proc/[0-9]*)
  done
  exit 0
}
trap shut_down TERM

was=
[[ ! -e /var/lib/cloud/data/instance-id ]] || read -r was </var/lib/cloud/data/instance-id
[[ $was == "$id" ]] || first_boot
hostname "$(</etc/hostname)"
mount -a
mapfile -t missing <missing
mapfile -t installed <installed
hide missing "\${missing[@]}"
[[ $was == "$id" ]] || hide to-come "\${installed[@]}"
rm -f /var/lib/cloud/instance/boot-finished
cd /
rm -rf /run/boot

keep_sshd 3>&- 4<&- &
echo "key $(</etc/ssh/ssh_host_ed25519_key.pub)" >&3
exec 3>&-
read -r _ <&4
cloud_init 4<&- &
read -r _ <&4
shut_down
`;
