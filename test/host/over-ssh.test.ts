/** A user who is not root, with a login shell that is not POSIX. */
import {describe} from 'node:test';
import {noSshd} from '../ssh/sshd.ts';
import {makeUser, noSudo} from '../ssh/users.ts';
import {hostContract} from './contract.ts';
import {overSsh} from './over-ssh.ts';

describe('over SSH', {skip: noSshd || noSudo}, async () => {
  const ssh = await overSsh();
  const {name} = await makeUser({shell: '/usr/bin/fish'});
  const traits = {hasTerminals: true, tellsSignals: true};
  hostContract('a user with fish', (settings) => ssh.host(name, undefined, settings), traits);
});
