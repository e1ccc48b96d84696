/** How fast connections may be started, and what a server does that has too many to greet (MaxStartups 10:30:100). */
import {setTimeout as delay} from 'node:timers/promises';
import {HostUnreachable} from '../host/failures.ts';
import {type RawFailure, wasDropped} from './connection/failure.ts';
import {Places} from './places.ts';
import type {SshSettings} from './settings.ts';

/** More at once do not make it faster, but servers drop them. */
const STARTS_AT_ONCE = 32;
/** Below the 10 at which sshd begins to drop. */
const STARTS_PER_ADDRESS = 8;
const DROPPED_TRIES = 12;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2000;
/** Between the ConnectionAttempts of ssh_config(5). */
const ATTEMPT_DELAY_MS = 1000;

export class Starts {
  readonly #all = new Places(STARTS_AT_ONCE);
  readonly #byAddress = new Map<string, Places>();

  /**
   * Runs `attempt` when it is its turn, again when the server let go of us before the handshake, and as often as
   * ConnectionAttempts says when it could not be reached. A bastion has its turn at once: hosts wait for it.
   */
  async run<T>(
    settings: SshSettings,
    role: 'host' | 'bastion',
    signal: AbortSignal,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const address = this.#at(`${settings.hostName}:${settings.port}`);
    for (let tries = 1; ; tries += 1) {
      const leave = await this.#turn(address, role, signal);
      try {
        return await attempt();
      } catch (error) {
        const waitMs = delayAfter(error, tries, settings);
        if (waitMs === undefined) throw error;
        leave();
        await delay(waitMs, undefined, {signal});
      } finally {
        leave();
      }
    }
  }

  async #turn(address: Places, role: 'host' | 'bastion', signal: AbortSignal): Promise<() => void> {
    const leaveAddress = await address.take(signal);
    if (role === 'bastion') return leaveAddress;
    try {
      const leaveAll = await this.#all.take(signal);
      return () => {
        leaveAll();
        leaveAddress();
      };
    } catch (error) {
      leaveAddress();
      throw error;
    }
  }

  #at(address: string): Places {
    const places = this.#byAddress.get(address) ?? new Places(STARTS_PER_ADDRESS);
    this.#byAddress.set(address, places);
    return places;
  }
}

function delayAfter(error: unknown, tries: number, settings: SshSettings): number | undefined {
  if (!(error instanceof HostUnreachable)) return undefined;
  const raw = error.cause as RawFailure | undefined;
  if (raw && wasDropped(raw)) {
    // Spread out, else those that were dropped together come back together.
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
    return tries < DROPPED_TRIES ? longest * (0.5 + Math.random()) : undefined;
  }
  return tries < settings.connectionAttempts ? ATTEMPT_DELAY_MS : undefined;
}
