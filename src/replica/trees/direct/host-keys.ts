/** By which keys the destination is known. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import {noDirectWay} from './no-direct-way.ts';

const NO_LOGIN = 96;

/** `ssh-ed25519 AAAA...`: of the server that ftask itself has come through, asked on its own host. @throws FtaskError */
export async function hostKeysOf(target: Host): Promise<readonly string[]> {
  const {stdout, code} = await target.run(
    sh`set -- $SSH_CONNECTION
[ $# -eq 4 ] || exit ${NO_LOGIN}
scan() { ssh-keyscan -T 5 -t "$1" -p "$port" "$address" 2>/dev/null | sed -n 's/^[^# ][^ ]* //p'; }
address=$3 port=$4
# One is enough; the others are for servers without it.
keys=$(scan ed25519)
[ -n "$keys" ] || keys=$(scan ecdsa,rsa)
[ -n "$keys" ] || keys=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_*_key.pub 2>/dev/null)
printf '%s\n' "$keys"`,
    {reads: true, accept: [0, NO_LOGIN], shownAs: 'read its own host keys'},
  );
  if (code === NO_LOGIN) throw noDirectWay(target, 'ftask is not logged in there over SSH');
  const keys = stdout.split('\n').filter(Boolean);
  if (keys.length > 0) return keys;
  throw noDirectWay(target, 'its host keys cannot be read');
}
