/** Whether the OpenSSH client is here. */
import {spawnSync} from 'node:child_process';

/** Why a suite that compares with the real ssh cannot run here. */
export const noSsh: string | false =
  spawnSync('ssh', ['-V']).status === 0 ? false : 'needs the OpenSSH client (openssh-client)';
