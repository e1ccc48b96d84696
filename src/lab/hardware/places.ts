/** Where a lab keeps what belongs to its hardware, below the folder of its state. */
import {join} from 'node:path';

/** Blocks of volumes and snapshots, and what machines need while they run. */
export function hardwareFolder(stateDir: string): string {
  return join(stateDir, 'hardware');
}

/** What the keeper says. */
export function keeperLog(stateDir: string): string {
  return join(hardwareFolder(stateDir), 'keeper.log');
}

/** There once the lab has been up: before, what lies in the folder is half made. */
export function completeMark(stateDir: string): string {
  return join(hardwareFolder(stateDir), 'complete');
}

/** The ssh_config of a lab with hardware; it is there while the lab is up. */
export function sshConfigOf(stateDir: string): string {
  return join(stateDir, 'ssh', 'config');
}
