/** Commands on disks need root, programs from sbin, and messages in English. */
import {type Command, type CommandOptions, sh} from '../host/command.ts';

/** The same command as root, where the programs for disks are found even if the user's PATH lacks them. */
export function asRoot(command: Command, options: CommandOptions = {}): Command {
  return sh`LC_ALL=C; PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL PATH
${command}`.with({sudo: true, shownAs: command.text, ...options});
}
